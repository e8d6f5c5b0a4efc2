export { readImapUrl, type ImapAddress } from './email/imap-url.js';
export type { MailboxPosition, MailboxPositions } from './email/mailbox-positions.js';
export { watchMailbox, type WatchedMailbox, type WatchMailboxOptions } from './email/watch-mailbox.js';
