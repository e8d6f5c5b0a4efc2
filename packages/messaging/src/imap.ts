export { readImapUrl, type ImapAddress } from './email/mailbox/imap-url.js';
export {
  watchMailbox,
  type WatchedMailbox,
  type WatchMailboxOptions,
} from './email/mailbox/watch-mailbox.js';
