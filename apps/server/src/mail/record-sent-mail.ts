import type { EntityReference, OutboundMailRecorder } from '@infratraq/kernel';
import type { MailAddressing } from '@infratraq/messaging';
import { messageIdOf, type OutgoingMessage, type Sender } from '@infratraq/notifications';

/** What recording needs. */
export interface RecordSentMailOptions {
  readonly history: OutboundMailRecorder;
  readonly addressing: MailAddressing;
  /** The address that mail comes from. */
  readonly from: string;
  readonly onError: (error: unknown) => void;
}

/**
 * Lets a sender of mail keep its history: each mail is recorded before it goes out, so that an answer to it always finds
 * it. Mail about an entity carries its reference in the subject, which brings the answer to the entity. While the
 * history cannot be written, nothing is sent: it is tried again later.
 */
export function recordSentMail(sender: Sender, options: RecordSentMailOptions): Sender {
  const { history, addressing, from, onError } = options;
  return {
    provider: sender.provider,
    channel: sender.channel,
    reaches: (address) => sender.reaches(address),
    close: () => sender.close(),
    async send(message) {
      const { address, delivery_id, notification_id, body, html } = message;
      if (address.channel !== 'email') return sender.send(message);
      const entity = entityOf(message);
      const reference = entity && addressing.tokenOf(entity);
      const title = reference === undefined ? message.title : `${message.title} ${reference}`;
      const message_id = messageIdOf(delivery_id, from);
      try {
        await history.begin({
          message_id,
          from,
          to: [address.email],
          subject: title,
          text: body,
          notification_id,
          ...(html !== undefined && { html }),
          ...(entity && { entity }),
        });
      } catch (error) {
        onError(error);
        const error_message = 'The history of mail cannot be written; the mail is sent once it can';
        return { outcome: 'unreachable', error_code: 'mail.history', error_message };
      }
      const outcome = await sender.send({ ...message, title });
      // Of what is tried again nothing is known yet.
      if (outcome.outcome === 'accepted' || outcome.outcome === 'rejected') {
        const [state, said] =
          outcome.outcome === 'accepted'
            ? (['sent', JSON.stringify(outcome.response ?? {})] as const)
            : (['failed', `${outcome.error_code}: ${outcome.error_message}`] as const);
        await history.finish(message_id, state, said).catch(onError);
      }
      return outcome;
    },
  };
}

function entityOf({ data = {} }: OutgoingMessage): EntityReference | undefined {
  const { entity_type, entity_id } = data;
  return typeof entity_type === 'string' && typeof entity_id === 'string'
    ? { entity_type, entity_id }
    : undefined;
}
