import { createTokenSigner } from '@infratraq/kernel';

/** Links that unsubscribe a recipient from types of notifications, without a login. */
export interface UnsubscribeLinks {
  /** The address for `List-Unsubscribe`, and for a link in the text. It never expires. */
  urlFor(userId: string, types: readonly string[]): string;
  /** The user and the types of a link; undefined for a token that was not signed here. */
  read(
    token: string,
  ): { readonly userId: string; readonly types: readonly string[]; readonly issued_at: Date } | undefined;
}

/** Makes links below `baseUrl`, the public address of the hooks: `https://infra.example/api/v1/hooks`. */
export function createUnsubscribeLinks({
  secret,
  baseUrl,
  now = Date.now,
}: {
  readonly secret: string;
  readonly baseUrl: string;
  readonly now?: () => number;
}): UnsubscribeLinks {
  const tokens = createTokenSigner<[userId: string, ...content: (string | number)[]]>(secret, 'unsubscribe');
  return {
    // In the query, because Fastify limits path parameters to a hundred characters by default.
    urlFor: (userId, types) => `${baseUrl}/unsubscribe?token=${tokens.write([userId, ...types, now()])}`,
    read(token) {
      const [userId, ...content] = tokens.read(token) ?? [];
      if (userId === undefined) return undefined;
      // Links of earlier versions have no time.
      const issued = content.findLast((one) => typeof one === 'number') ?? 0;
      return {
        userId,
        types: content.filter((one) => typeof one === 'string'),
        issued_at: new Date(issued),
      };
    },
  };
}
