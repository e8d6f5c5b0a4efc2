/** What a recipient has told their mail program or provider about a mail. */
export interface MailFeedback {
  readonly provider: string;
  readonly provider_message_id: string;
  /** Whether it is spam, or not spam after all. */
  readonly kind: 'complained' | 'not_spam';
  readonly at: Date;
  /** As the report calls it (`abuse`, `fraud`, `not-spam`). */
  readonly feedback_type: string;
  /** The provider that reported it. */
  readonly reported_by?: string;
}
