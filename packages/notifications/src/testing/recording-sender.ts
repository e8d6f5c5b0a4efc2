import { EventEmitter, once } from 'node:events';
import type { NotificationChannel } from '@infratraq/kernel';
import type { OutgoingMessage, Sender, SendOutcome } from '../senders/sender.js';

/** A provider in this process: it takes what it is told to take, and what it was given can be awaited. */
export class RecordingSender implements Sender {
  readonly provider: string;
  readonly channel: NotificationChannel;
  readonly messages: OutgoingMessage[] = [];
  readonly #events = new EventEmitter();
  /** What it answers; takes everything unless told. */
  answer: (message: OutgoingMessage) => SendOutcome | Promise<SendOutcome> = ({ delivery_id }) => ({
    outcome: 'accepted',
    provider_message_id: `${this.provider}-${delivery_id}`,
  });

  constructor(channel: NotificationChannel, provider = `test_${channel}`) {
    this.channel = channel;
    this.provider = provider;
  }

  reaches(): boolean {
    return true;
  }

  async send(message: OutgoingMessage): Promise<SendOutcome> {
    this.messages.push(message);
    const outcome = await this.answer(message);
    this.#events.emit('sent');
    return outcome;
  }

  /** Resolves once this many messages were given to it. */
  async received(count: number): Promise<OutgoingMessage[]> {
    while (this.messages.length < count) await once(this.#events, 'sent');
    return this.messages;
  }

  async close(): Promise<void> {
    this.#events.removeAllListeners();
  }
}
