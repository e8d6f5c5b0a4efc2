import { createHmac, timingSafeEqual } from 'node:crypto';

/** Links that take a recipient off one type of notification, without a login. */
export interface UnsubscribeLinks {
  /** The address for `List-Unsubscribe`, and for a link in the text. It never expires. */
  urlFor(userId: string, type: string): string;
  /** Whom and what a link is for, or undefined for a token that we did not sign. */
  read(token: string): { readonly userId: string; readonly type: string } | undefined;
}

/** Makes links below `baseUrl`, the public address of the hooks: `https://infra.example/api/v1/hooks`. */
export function createUnsubscribeLinks({
  secret,
  baseUrl,
}: {
  readonly secret: string;
  readonly baseUrl: string;
}): UnsubscribeLinks {
  // Named, so that nothing else that is signed with the secret passes for a link.
  const sign = (payload: string) => createHmac('sha256', secret).update(`unsubscribe.${payload}`).digest();
  return {
    urlFor(userId, type) {
      const payload = Buffer.from(JSON.stringify([userId, type])).toString('base64url');
      return `${baseUrl}/unsubscribe/${payload}.${sign(payload).toString('base64url')}`;
    },
    read(token) {
      const [payload = '', signature = ''] = token.split('.');
      const [given, expected] = [Buffer.from(signature, 'base64url'), sign(payload)];
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const [userId, type] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string, string];
      return { userId, type };
    },
  };
}
