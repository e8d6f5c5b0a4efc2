import type { EntityFiles } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import type { EmailAttachment } from '../../collections/email-communication-parts.js';
import { EmailCommunication } from '../../collections/email-communication.js';
import { listEmailsWithLooseFiles } from '../../collections/email-communication.queries.js';

type Mail = Stored<EmailCommunication>;

const mailsAtOnce = 50;

/**
 * Attaches the files of a conversation's mails to the entities of these mails: of the mail that arrived, and of mails
 * that had no entity before. A second call repeats nothing and continues where the first one stopped.
 */
export async function attachFiles(models: Models, files: EntityFiles, thread_id: string): Promise<void> {
  for (;;) {
    const mails = await models.find(
      listEmailsWithLooseFiles,
      { thread_id },
      { limit: mailsAtOnce, fields: ['message_id', 'attachments', 'from', 'entity_type', 'entity_id'] },
    );
    for (const mail of mails) await attachFilesOf(models, files, mail);
    if (mails.length < mailsAtOnce) return;
  }
}

/** Attaches the files of one mail to its entity and returns their records. */
export async function attachFilesOf(
  models: Models,
  files: EntityFiles,
  { _id, message_id, attachments = [], from, entity_type, entity_id }: Mail,
): Promise<EmailAttachment[]> {
  if (entity_type === undefined || entity_id === undefined) return attachments;
  const decided: EmailAttachment[] = [];
  for (const [place, file] of attachments.entries()) {
    if (!isLoose(file)) {
      decided.push(file);
      continue;
    }
    const { object_key, file_name, content_type } = file;
    const outcome = await files.attach({
      entity_type,
      entity_id,
      object_key,
      file_name,
      key: `email/${_id.toHexString()}/${place}`,
      declared_content_type: content_type,
      source: 'email',
      // Never a user id: anybody may write any From line.
      uploaded_by: `email:${from?.address ?? 'unknown'}`,
    });
    await models
      .of(EmailCommunication)
      .updateOne({ _id, message_id }, { $set: prefixKeys(`attachments.${place}.`, outcome) });
    decided.push({ ...file, ...outcome });
  }
  return decided;
}

function isLoose({ file_id, refusal }: EmailAttachment): boolean {
  return file_id === undefined && refusal === undefined;
}

function prefixKeys(prefix: string, values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}
