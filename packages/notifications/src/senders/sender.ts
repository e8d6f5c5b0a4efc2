import type { NotificationChannel } from '@infratraq/kernel';
import type { DeliveryState } from '../collections/delivery-state.js';

/** Where a message goes: a mailbox, a phone (E.164), a device, or a user's inbox. */
export type RecipientAddress =
  | { readonly channel: 'email'; readonly email: string; readonly name?: string }
  | { readonly channel: 'sms'; readonly phone: string }
  | {
      readonly channel: 'push';
      readonly device_id: string;
      readonly target:
        | { readonly kind: 'fcm'; readonly token: string }
        | {
            readonly kind: 'web';
            readonly endpoint: string;
            readonly keys: { readonly p256dh: string; readonly auth: string };
          };
    }
  | { readonly channel: 'in_app'; readonly user_id: string };

/** One message, ready to be handed to a provider. */
export interface OutgoingMessage {
  /** Stable over every try: a provider that takes an idempotency key is given this. */
  readonly delivery_id: string;
  readonly notification_id: string;
  readonly recipient_id: string;
  readonly type: string;
  /** BCP 47 tag of the text. */
  readonly locale: string;
  readonly address: RecipientAddress;
  readonly title: string;
  /** Plain text. */
  readonly body: string;
  /** The same as HTML, for channels that show it. */
  readonly html?: string;
  /** Where a click leads. */
  readonly url?: string;
  /** One-click unsubscribing (RFC 8058); absent for critical notifications. */
  readonly unsubscribe_url?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** The recipient allows clicks on links to be recorded. */
  readonly may_track_clicks?: boolean;
  readonly urgency: 'normal' | 'high';
  /** A later message with the same key takes this one's place on the device, where the channel can do that. */
  readonly collapse_key?: string;
  /** Expiry; providers drop the message then. */
  readonly not_after?: Date;
  /** From 1. */
  readonly attempt: number;
}

/** What a provider answered. */
export type SendOutcome =
  | {
      readonly outcome: 'accepted';
      readonly provider_message_id?: string;
      /** The part of the answer that is worth storing, without secrets. */
      readonly response?: Readonly<Record<string, unknown>>;
    }
  | {
      /** A further try would not help. */
      readonly outcome: 'rejected';
      readonly error_code: string;
      readonly error_message: string;
      /** The address does not exist any more and is retired. */
      readonly address_gone?: boolean;
      readonly response?: Readonly<Record<string, unknown>>;
    }
  | {
      /** A later try may help. */
      readonly outcome: 'throttled' | 'unreachable';
      readonly error_code: string;
      readonly error_message: string;
      readonly retry_after_seconds?: number;
      readonly response?: Readonly<Record<string, unknown>>;
    };

/**
 * Hands messages of one channel to one provider; a sender is one file and passes `describeSender`.
 * It answers with the provider's outcome, and throws only for faults of its own.
 */
export interface Sender {
  /** The provider, as deliveries record it (`smtp`, `twilio`). */
  readonly provider: string;
  readonly channel: NotificationChannel;
  /** Whether this sender reaches the address; where several can, the first is used. */
  reaches(address: RecipientAddress): boolean;
  send(message: OutgoingMessage): Promise<SendOutcome>;
  close(): Promise<void>;
}

/** What a provider reports about a message after accepting it. */
export interface ProviderReport {
  readonly provider: string;
  readonly provider_message_id: string;
  readonly state: Extract<DeliveryState, 'sent' | 'delivered' | 'read' | 'failed' | 'bounced'>;
  readonly at: Date;
  /** The provider's id of this report, by which a repetition is recognised. */
  readonly provider_event_id?: string;
  readonly reason?: string;
  readonly error_code?: string;
  readonly address_gone?: boolean;
}
