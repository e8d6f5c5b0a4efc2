export { readImapUrl } from './email/mailbox/imap-url.js';
export type { MailboxPosition, MailboxPositions } from './email/mailbox/mailbox-positions.js';
export {
  watchMailbox,
  type WatchedMailbox,
  type WatchMailboxOptions,
} from './email/mailbox/watch-mailbox.js';
