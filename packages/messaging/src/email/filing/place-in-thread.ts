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

/** What places a mail; none of what it says. */
const fields = ['message_id', 'in_reply_to', 'thread_id', 'entity_type', 'entity_id'] as const;

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
 * Finds the conversation of a stored mail, and its entity if nothing but the conversation names one. Returns the
 * conversation.
 *
 * Anybody may write any Message-ID into a header, and co-recipients know those of private mails. So a mail that arrives
 * changes nothing about mails that are here: a conversation about an entity takes in only mails about that entity, and a
 * mail takes over the entity of a mail that it answers, never the other way round. Only a mail of ours brings the mail
 * that it answers to its entity.
 */
export async function placeInThread(models: Models, mail: Mail): Promise<string> {
  if (mail.direction === 'outbound') await bringAnswered(models, mail);
  const ancestors = await findAncestors(models, mail);
  const entity = entityOf(mail) ?? ancestors.map(entityOf).find((one) => one !== undefined);
  if (!entity) return joinPrivate(models, mail, ancestors);
  const ancestor = ancestors.find((one) => isAbout(one, entity));
  const thread_id = ancestor?.thread_id ?? (await openThread(models, mail, entity));
  const isInherited = mail.entity_id === undefined;
  if (isInherited || thread_id !== mail.thread_id)
    await models
      .of(EmailCommunication)
      .updateOne(
        { _id: mail._id, message_id: mail.message_id },
        { $set: { thread_id, ...(isInherited && { ...entity, matched_by: 'thread' }) } },
      );
  return thread_id;
}

async function bringAnswered(models: Models, mail: Mail): Promise<void> {
  const entity = entityOf(mail);
  if (!entity || mail.in_reply_to === undefined) return;
  await models
    .of(EmailCommunication)
    .updateOne(
      { message_id: mail.in_reply_to, direction: 'inbound', entity_id: trusted({ $exists: false }) },
      { $set: { ...entity, matched_by: 'thread' } },
    );
}

/** The stored mails before a mail, the nearest first. */
async function findAncestors(models: Models, mail: Mail): Promise<Mail[]> {
  const message_ids = listAncestors(mail);
  const found =
    message_ids.length > 0 ? await models.find(listEmailsByMessageIds, { message_ids }, { fields }) : [];
  const others = found.filter(({ _id }) => !_id.equals(mail._id));
  return message_ids.flatMap((id) => others.filter(({ message_id }) => message_id === id));
}

/** The id of a conversation that begins with this mail: its own, unless mails that are not about its entity wait there. */
async function openThread(models: Models, mail: Mail, entity: EntityReference): Promise<string> {
  const { message_id, _id } = mail;
  const there = await models.find(listEmailsOfThread, { thread_id: message_id }, { limit: 100, fields });
  const isShared = there.some((one) => !one._id.equals(_id) && !isAbout(one, entity));
  return isShared ? `${_id.toHexString()}@conversation.invalid` : message_id;
}

/**
 * Joins mails without an entity, and moves those that waited for this one: replies may arrive before the mail that they
 * answer, and many at once. After a move, the first mail of the conversation is read again: if it has joined another
 * conversation in the meantime, all mails follow.
 */
async function joinPrivate(models: Models, mail: Mail, ancestors: readonly Mail[]): Promise<string> {
  const emails = models.of(EmailCommunication);
  const isPrivate = { entity_id: trusted({ $exists: false }) };
  let thread_id = ancestors[0]?.thread_id ?? (await findBeginning(models, mail));
  // Conversations that turned out to belong to another one.
  const left = new Set([mail.message_id]);
  for (;;) {
    if (thread_id !== mail.thread_id || left.size > 1)
      await emails.updateOne({ _id: mail._id, message_id: mail.message_id }, { $set: { thread_id } });
    const stale = [...left].filter((id) => id !== thread_id);
    if (stale.length > 0)
      await emails.updateMany({ thread_id: trusted({ $in: stale }), ...isPrivate }, { $set: { thread_id } });
    const message_ids = [thread_id];
    const [first] = await models.find(listEmailsByMessageIds, { message_ids }, { limit: 1, fields });
    // A circle of replies ends here.
    if (!first || entityOf(first) || first.thread_id === thread_id || left.has(first.thread_id)) break;
    left.add(thread_id);
    thread_id = first.thread_id;
  }
  return thread_id;
}

/** Begins a conversation, unless a direct reply belongs to an earlier one. */
async function findBeginning(models: Models, mail: Mail): Promise<string> {
  if (listAncestors(mail).length > 0) return guessThread(mail);
  const answers = await models.find(
    listEmailsReferringTo,
    { message_id: mail.message_id },
    { limit: 20, fields },
  );
  const answer = answers.find((one) => one.in_reply_to === mail.message_id && !entityOf(one));
  return answer?.thread_id ?? mail.message_id;
}

function isAbout(mail: EmailCommunication, { entity_type, entity_id }: EntityReference): boolean {
  return mail.entity_type === entity_type && mail.entity_id === entity_id;
}

function entityOf({ entity_type, entity_id }: EmailCommunication): EntityReference | undefined {
  return entity_type !== undefined && entity_id !== undefined ? { entity_type, entity_id } : undefined;
}
