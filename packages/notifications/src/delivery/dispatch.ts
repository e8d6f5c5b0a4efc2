import type { Stored } from '@infratraq/mongo';
import type { DirectoryEntry } from '../recipients/directory.js';
import type { NotificationDelivery } from '../collections/notification-delivery.js';
import type { OutgoingMessage, RecipientAddress, SendOutcome } from '../senders/sender.js';
import type { RenderedText } from '../templates/template-catalog.js';

/** One message to a recipient on one channel, which may go to several devices and stand for several deliveries. */
export interface Dispatch {
  readonly deliveries: readonly Stored<NotificationDelivery>[];
  /** Stable over every try. */
  readonly delivery_id: string;
  readonly entry: DirectoryEntry | undefined;
  readonly locale: string;
  readonly attempt: number;
  readonly devicesReached: ReadonlySet<string>;
  readonly collapse_key?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly may_track_clicks?: boolean | undefined;
  /** Asked when its turn at the provider has come: whether nothing has changed that keeps it from going out. */
  readonly isWanted: () => Promise<boolean>;
  readonly render: (entry: DirectoryEntry, locale: string) => RenderedText;
}

/** When a dispatch is to be tried again. */
export interface NextTry {
  readonly at: Date;
  readonly attempt: number;
  readonly again?: boolean;
}

/** A try at one address, with what the provider answered. */
export interface Try {
  readonly address: RecipientAddress;
  readonly provider: string;
  readonly message: OutgoingMessage;
  readonly outcome: SendOutcome;
  readonly at: Date;
  readonly duration_ms: number;
}
