import { createTokenSigner } from '@infratraq/kernel';

/** Links that take a recipient off types of notifications, without a login. */
export interface UnsubscribeLinks {
  /** The address for `List-Unsubscribe`, and for a link in the text. It never expires. */
  urlFor(userId: string, types: readonly string[]): string;
  /** Whom and what a link is for, or undefined for a token that we did not sign. */
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
    // In the query: Fastify takes no path parameter of more than a hundred characters unless told.
    urlFor: (userId, types) => `${baseUrl}/unsubscribe?token=${tokens.write([userId, ...types])}`,
    read(token) {
      const [userId, ...types] = tokens.read(token) ?? [];
      return userId === undefined ? undefined : { userId, types };
    },
  };
}
