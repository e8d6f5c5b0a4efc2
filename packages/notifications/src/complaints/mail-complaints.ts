/** That somebody's mailbox has called a type of notification spam. */
export interface MailComplaint {
  readonly user_id: string;
  readonly type: string;
  /** Hexadecimal SHA-256 of the mailbox: another one of the same person has not complained. */
  readonly address_sha256: string;
  readonly complained_at: Date;
  /** As the report of it calls it (`abuse`). */
  readonly feedback_type: string;
  readonly reported_by?: string;
  readonly provider_message_id: string;
}

/** Keeps what mailboxes have called spam, and what was taken back. */
export interface MailComplaints {
  /** The same again, and one from before it was lifted, changes nothing. */
  record(complaint: MailComplaint): Promise<void>;
  /** Those of these users that have not been lifted. */
  listOpen(userIds: readonly string[]): Promise<MailComplaint[]>;
  /** Takes back what was complained of until `at`; tells whether there was anything. */
  lift(what: {
    readonly user_id: string;
    readonly type: string;
    readonly lifted_by: string;
    readonly at: Date;
  }): Promise<boolean>;
}
