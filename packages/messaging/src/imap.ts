export { readImapUrl, type ImapAddress } from './email/imap-url.js';
export { watchMailbox, type WatchedMailbox, type WatchMailboxOptions } from './email/watch-mailbox.js';
