/** How far a mailbox has been read. */
export interface MailboxPosition {
  /** The server's UIDVALIDITY: under another one, UIDs mean other mails. */
  readonly uid_validity: string;
  /** All mails up to this UID are stored. */
  readonly last_uid: number;
}

/** Keeps how far mailboxes have been read, over restarts. */
export interface MailboxPositions {
  read(mailbox: string): Promise<MailboxPosition | undefined>;
  /** Within one UIDVALIDITY the position only grows. */
  write(mailbox: string, position: MailboxPosition): Promise<void>;
}
