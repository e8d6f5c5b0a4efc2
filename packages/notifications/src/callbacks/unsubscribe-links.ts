import { createTokenSigner } from '@infratraq/kernel';

/** Links that unsubscribe a recipient from types of notifications, without a login. */
export interface UnsubscribeLinks {
  /** The address for `List-Unsubscribe`, and for a link in the text. It never expires. */
  urlFor(userId: string, types: readonly string[]): string;
  /** The user and the types of a link; undefined for a token that was not signed here. */
  read(token: string): { readonly userId: string; readonly types: readonly string[] } | undefined;
}

/** Makes links below `baseUrl`, the public address of the hooks: `https://infra.example/api/v1/hooks`. */
export function createUnsubscribeLinks({
  secret,
  baseUrl,
}: {
  readonly secret: string;
  readonly baseUrl: string;
}): UnsubscribeLinks {
  const tokens = createTokenSigner<[userId: string, ...types: string[]]>(secret, 'unsubscribe');
  return {
    // In the query, because Fastify limits path parameters to a hundred characters by default.
    urlFor: (userId, types) => `${baseUrl}/unsubscribe?token=${tokens.write([userId, ...types])}`,
    read(token) {
      const [userId, ...types] = tokens.read(token) ?? [];
      return userId === undefined ? undefined : { userId, types };
    },
  };
}
