import type { Environment } from '@infratraq/environment';
import type { ClickLinks } from '@infratraq/notifications';
import {
  createClickLinks,
  createUnsubscribeLinks,
  type UnsubscribeLinks,
} from '@infratraq/notifications/hooks';
import { chooseLinkSecret } from '../files/link-secret.js';
import { hooksPath } from './open-senders.js';

/** Addresses of ours that mails carry. */
export interface MailLinks {
  readonly unsubscribe: UnsubscribeLinks;
  readonly clicks: ClickLinks;
}

/** Links that take people off a type of notification or tell of clicks; mail programs need a public address for them. */
export async function openMailLinks(environment: Environment): Promise<MailLinks | undefined> {
  const { PUBLIC_URL } = environment;
  if (PUBLIC_URL === undefined) return undefined;
  const signing = { secret: await chooseLinkSecret(environment), baseUrl: `${PUBLIC_URL}${hooksPath}` };
  return { unsubscribe: createUnsubscribeLinks(signing), clicks: createClickLinks(signing) };
}
