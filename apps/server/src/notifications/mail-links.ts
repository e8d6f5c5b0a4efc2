import type { ClickLinks } from '@infratraq/notifications';
import {
  createClickLinks,
  createUnsubscribeLinks,
  type UnsubscribeLinks,
} from '@infratraq/notifications/hooks';
import type { Platform } from '../platform/platform.js';
import { hooksPath } from './open-senders.js';

/** Addresses of ours that mails carry. */
export interface MailLinks {
  readonly unsubscribe: UnsubscribeLinks;
  readonly clicks: ClickLinks;
}

/** Makes links that unsubscribe a recipient or record a click; undefined without PUBLIC_URL, which mail programs need. */
export function createMailLinks({
  environment: { PUBLIC_URL },
  signing: { secret },
}: Pick<Platform, 'environment' | 'signing'>): MailLinks | undefined {
  if (PUBLIC_URL === undefined) return undefined;
  const signing = { secret, baseUrl: `${PUBLIC_URL}${hooksPath}` };
  return { unsubscribe: createUnsubscribeLinks(signing), clicks: createClickLinks(signing) };
}
