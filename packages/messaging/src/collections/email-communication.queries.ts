import { defineQuery, type EntityReference } from '@infratraq/kernel';
import { EmailCommunication, type EmailDirection } from './email-communication.js';

/** One mail by its Message-ID. */
export const findEmailByMessageId = defineQuery(EmailCommunication, {
  example: { message_id: 'a1@mail.example', direction: 'inbound' },
  shape: ({ message_id, direction }: { message_id: string; direction: EmailDirection }) => ({
    filter: { message_id, direction },
  }),
});

/** The mails that have one of these Message-IDs: how an answer finds its conversation. */
export const listEmailsByMessageIds = defineQuery(EmailCommunication, {
  example: { message_ids: ['a1@mail.example', 'a2@mail.example'] },
  shape: ({ message_ids }: { message_ids: readonly string[] }) => ({
    filter: { message_id: { $in: message_ids } },
  }),
});

/** Mails of one conversation, oldest first; only those about some entities where these are given. */
export const listEmailsOfThread = defineQuery(EmailCommunication, {
  example: { thread_id: 'a1@mail.example' },
  shape: ({ thread_id, about }: { thread_id: string; about?: readonly EntityReference[] }) => ({
    filter: {
      thread_id,
      ...(about && { $or: about.map(({ entity_type, entity_id }) => ({ entity_type, entity_id })) }),
    },
    sort: { occurred_at: 1 },
  }),
});

/** Mails of a conversation that are about an entity and have files of which it is not decided yet whether it takes them. */
export const listEmailsWithLooseFiles = defineQuery(EmailCommunication, {
  example: { thread_id: 'a1@mail.example' },
  shape: ({ thread_id }: { thread_id: string }) => ({
    filter: {
      thread_id,
      entity_id: { $exists: true },
      attachments: { $elemMatch: { file_id: { $exists: false }, refusal: { $exists: false } } },
    },
    sort: { occurred_at: 1 },
  }),
});

/** Mails about an entity, newest first. */
export const listEmailsOfEntity = defineQuery(EmailCommunication, {
  example: { entity_type: 'projects', entity_id: '42' },
  shape: ({ entity_type, entity_id }: EntityReference) => ({
    filter: { entity_type, entity_id },
    sort: { occurred_at: -1 },
  }),
});

/** Mails to or from an address, newest first. */
export const listEmailsOfParticipant = defineQuery(EmailCommunication, {
  example: { address: 'inspector@site.example' },
  shape: ({ address }: { address: string }) => ({
    filter: { participants: address.toLowerCase() },
    sort: { occurred_at: -1 },
  }),
});

/** Mails whose references name a Message-ID: replies that arrived before the mail that they answer. */
export const listEmailsReferringTo = defineQuery(EmailCommunication, {
  example: { message_id: 'a1@mail.example' },
  shape: ({ message_id }: { message_id: string }) => ({ filter: { references: message_id } }),
});

/** Mails that break the format, newest first. */
export const listMalformedEmails = defineQuery(EmailCommunication, {
  example: {},
  shape: () => ({ filter: { malformed: true }, sort: { occurred_at: -1 } }),
});
