import type { EntityReference } from '@infratraq/kernel';
import { trusted, type Models, type Stored } from '@infratraq/mongo';
import { EmailCommunication } from '../../collections/email-communication.js';
import {
  listEmailsByMessageIds,
  listEmailsOfThread,
  listEmailsReferringTo,
} from '../../collections/email-communication.queries.js';

type Mail = Stored<EmailCommunication>;
type Ancestry = Pick<EmailCommunication, 'message_id' | 'in_reply_to' | 'references'>;

/** The Message-IDs before a mail, the nearest first. */
function listAncestors({ message_id, in_reply_to, references = [] }: Ancestry): string[] {
  const oldestFirst = [
    ...references.filter((id) => id !== in_reply_to),
    ...(in_reply_to ? [in_reply_to] : []),
  ];
  return oldestFirst.filter((id) => id !== message_id).toReversed();
}

/** Conversation of a mail by its own header. */
export function guessThread(mail: Ancestry): string {
  return listAncestors(mail).at(-1) ?? mail.message_id;
}

/**
 * Finds the conversation of a stored mail, and moves mails there that waited for it: replies may arrive before the mail
 * that they answer, and many at once. After a move, the first mail of the conversation is read again: if it has joined
 * another conversation in the meantime, all mails follow. Returns the conversation.
 */
export async function placeInThread(models: Models, mail: Mail): Promise<string> {
  const emails = models.of(EmailCommunication);
  let thread_id = await findThread(models, mail);
  // Conversations that turned out to belong to another one.
  const left = new Set([mail.message_id]);
  for (;;) {
    if (thread_id !== mail.thread_id || left.size > 1)
      await emails.updateOne({ _id: mail._id }, { $set: { thread_id } });
    const stale = [...left].filter((id) => id !== thread_id);
    if (stale.length > 0)
      await emails.updateMany({ thread_id: trusted({ $in: stale }) }, { $set: { thread_id } });
    const [first] = await models.find(
      listEmailsByMessageIds,
      { message_ids: [thread_id] },
      { limit: 1, fields: ['thread_id'] },
    );
    // A circle of replies ends here.
    if (!first || first.thread_id === thread_id || left.has(first.thread_id)) break;
    left.add(thread_id);
    thread_id = first.thread_id;
  }
  const entity = entityOf(mail) ?? (await findEntityOf(models, thread_id));
  if (entity)
    await emails.updateMany(
      { thread_id, entity_id: trusted({ $exists: false }) },
      { $set: { ...entity, matched_by: 'thread' } },
    );
  return thread_id;
}

async function findThread(models: Models, mail: Mail): Promise<string> {
  const message_ids = listAncestors(mail);
  const fields = ['message_id', 'in_reply_to', 'thread_id'];
  const found =
    message_ids.length > 0 ? await models.find(listEmailsByMessageIds, { message_ids }, { fields }) : [];
  for (const id of message_ids) {
    const ancestor = found.find(({ message_id, _id }) => message_id === id && !_id.equals(mail._id));
    if (ancestor) return ancestor.thread_id;
  }
  if (message_ids.length > 0) return guessThread(mail);
  // Begins a conversation, unless a direct reply belongs to an earlier one.
  const answers = await models.find(
    listEmailsReferringTo,
    { message_id: mail.message_id },
    { limit: 20, fields },
  );
  const answer = answers.find(({ in_reply_to }) => in_reply_to === mail.message_id);
  return answer?.thread_id ?? mail.message_id;
}

async function findEntityOf(models: Models, thread_id: string): Promise<EntityReference | undefined> {
  const mails = await models.find(
    listEmailsOfThread,
    { thread_id },
    { limit: 100, fields: ['entity_type', 'entity_id'] },
  );
  return mails.map(entityOf).find((entity) => entity !== undefined);
}

function entityOf({ entity_type, entity_id }: EmailCommunication): EntityReference | undefined {
  return entity_type !== undefined && entity_id !== undefined ? { entity_type, entity_id } : undefined;
}
