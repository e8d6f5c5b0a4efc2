import { refuse } from './refuse.js';
import type { OutgoingMessage, RecipientAddress, Sender, SendOutcome } from './sender.js';

/** What a sender needs to know about its provider. */
export interface SenderParts<Channel extends RecipientAddress['channel']> {
  readonly provider: string;
  readonly channel: Channel;
  /** Narrows the channel's addresses where this provider reaches only some. */
  readonly reaches?: (address: AddressOf<Channel>) => boolean;
  /** Hands the message over. An error that it throws goes to `explain`. */
  readonly deliver: (message: OutgoingMessage, address: AddressOf<Channel>) => Promise<SendOutcome>;
  /** Turns an error of the provider into an outcome; undefined for any other error, which is thrown. */
  readonly explain?: (error: unknown) => SendOutcome | undefined;
  /** Closes connections; called once no message is underway. */
  readonly release?: () => Promise<void> | void;
}

/** An address of one channel. */
export type AddressOf<Channel> = Extract<RecipientAddress, { readonly channel: Channel }>;

/**
 * Builds a sender for a provider. It refuses addresses that it does not reach, turns the provider's errors into outcomes,
 * and finishes what is underway before it closes.
 */
export function createSender<Channel extends RecipientAddress['channel']>(
  parts: SenderParts<Channel>,
): Sender {
  const underway = new Set<Promise<SendOutcome>>();
  let closing: Promise<void> | undefined;
  const isOurs = (address: RecipientAddress): address is AddressOf<Channel> =>
    address.channel === parts.channel && (parts.reaches?.(address as AddressOf<Channel>) ?? true);

  async function deliver(message: OutgoingMessage): Promise<SendOutcome> {
    if (!isOurs(message.address))
      return refuse('rejected', {
        code: 'address.unsuitable',
        message: `${parts.provider} does not reach an address of this kind`,
      });
    try {
      return await parts.deliver(message, message.address);
    } catch (error) {
      const outcome = parts.explain?.(error);
      if (outcome) return outcome;
      throw error;
    }
  }

  return {
    provider: parts.provider,
    channel: parts.channel,
    reaches: isOurs,
    async send(message) {
      if (closing)
        return refuse('unreachable', { code: 'sender.closed', message: 'This sender has been closed' });
      const delivery = deliver(message);
      underway.add(delivery);
      try {
        return await delivery;
      } finally {
        underway.delete(delivery);
      }
    },
    close() {
      closing ??= Promise.allSettled(underway).then(() => parts.release?.());
      return closing;
    },
  };
}
