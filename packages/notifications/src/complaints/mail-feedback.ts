/** What a recipient has said of a mail of ours to the program or provider that they read it with. */
export interface MailFeedback {
  readonly provider: string;
  readonly provider_message_id: string;
  /** That it is spam, or that it is none. */
  readonly kind: 'complained' | 'not_spam';
  readonly at: Date;
  /** As the report calls it (`abuse`, `fraud`, `not-spam`). */
  readonly feedback_type: string;
  /** Who passed it on. */
  readonly reported_by?: string;
}
