import type { Environment } from '@infratraq/environment';
import { createUnsubscribeLinks, type UnsubscribeLinks } from '@infratraq/notifications/hooks';
import { chooseLinkSecret } from '../files/link-secret.js';
import { hooksPath } from './open-senders.js';

/** Links that take people off a type of notification; mail programs need a public address for them. */
export async function openUnsubscribeLinks(environment: Environment): Promise<UnsubscribeLinks | undefined> {
  const { PUBLIC_URL } = environment;
  if (PUBLIC_URL === undefined) return undefined;
  return createUnsubscribeLinks({
    secret: await chooseLinkSecret(environment),
    baseUrl: `${PUBLIC_URL}${hooksPath}`,
  });
}
