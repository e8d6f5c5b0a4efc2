import { createConfinedJobs, type ConfinedJobs } from '@infratraq/confined-jobs';
import {
  ForbiddenError,
  NotFoundError,
  type Actor,
  type EntityAccess,
  type EntityReference,
  type FileAccess,
  type OutboundMail,
  type OutboundMailRecorder,
} from '@infratraq/kernel';
import type { Page, Stored } from '@infratraq/mongo';
import type { ObjectStore } from '@infratraq/objects';
import { Types } from 'mongoose';
import type { z } from 'zod';
import type { EmailAttachment } from '../collections/email-communication-parts.js';
import { EmailCommunication } from '../collections/email-communication.js';
import {
  listEmailsOfEntity,
  listEmailsOfParticipant,
  listEmailsOfThread,
  listMalformedEmails,
} from '../collections/email-communication.queries.js';
import { checkInput } from '../checking/check-input.js';
import { checkPart, type PagePart } from '../checking/page-part.js';
import { emailSchemas } from './email-schemas.js';
import { listVisibleEntities } from './list-visible-entities.js';
import { attachFilesOf } from './filing/attach-files.js';
import type { EmailHistoryOptions } from './email-history-options.js';
import type { MailAddressing } from './mail-addressing.js';
import { receiveMail, type InboundMail, type ReceivedMail } from './receiving/receive-mail.js';
import { beginOutbound, finishOutbound } from './record-outbound.js';

type Mails = Promise<Page<Stored<EmailCommunication>>>;

/** Lists read no bodies, and of long arrays the end. */
const listed = {
  omit: ['text_body', 'html_body', 'headers', 'references', 'participants', 'bcc', 'reply_to'] as const,
  newest: { to: 100, cc: 100, attachments: 100, defects: 100 },
};

/**
 * Mails that were sent and received, with their conversations and entities.
 *
 * @example
 * const addressing = new MailAddressing({ mailbox: 'inbox@example.org', secret });
 * const history = new EmailHistory({ models, objects, addressing });
 * await history.receive({ raw, mailbox: addressing.mailbox });
 */
export class EmailHistory implements OutboundMailRecorder {
  readonly access: EntityAccess;
  readonly addressing: MailAddressing;
  readonly objects: ObjectStore;
  readonly #options: EmailHistoryOptions;
  readonly #jobs: ConfinedJobs;

  constructor(options: EmailHistoryOptions) {
    this.#options = options;
    this.access = options.access;
    this.addressing = options.addressing;
    this.objects = options.objects;
    this.#jobs = options.confinedJobs ?? createConfinedJobs();
  }

  /**
   * Stores a mail that arrived, however broken it is. A mail that is stored already is returned unchanged.
   * @throws InvalidInputError `mail.invalid`
   */
  async receive(mail: InboundMail): Promise<ReceivedMail> {
    return receiveMail(this.#options, this.#jobs, check(emailSchemas.inbound, mail));
  }

  async begin(mail: OutboundMail): Promise<void> {
    return beginOutbound(this.#options, check(emailSchemas.outbound, mail));
  }

  async finish(messageId: string, state: 'sent' | 'failed', response?: string): Promise<void> {
    const outcome = check(emailSchemas.outcome, { message_id: messageId, state, response });
    return finishOutbound(this.#options.models, outcome);
  }

  /** Mails about an entity, newest first; like all lists, without bodies and headers. */
  async listOfEntity(entity: EntityReference, part: PagePart): Mails {
    return this.#options.models.page(
      listEmailsOfEntity,
      check(emailSchemas.entity, entity),
      checkPart(part),
      listed,
    );
  }

  /** Mails of a conversation, oldest first: all, or those about entities that an actor may see. */
  async listConversation(thread_id: string, part: PagePart, viewer: 'everything' | Actor): Mails {
    const conversation = check(emailSchemas.conversation, { thread_id });
    const checked = checkPart(part);
    const { models, access } = this.#options;
    if (viewer === 'everything') return models.page(listEmailsOfThread, conversation, checked, listed);
    const about = await listVisibleEntities(models, access, thread_id, viewer);
    if (about.length === 0) return { items: [], next_cursor: null };
    return models.page(listEmailsOfThread, { ...conversation, about }, checked, {
      ...listed,
      list: [thread_id, viewer.user_id],
    });
  }

  /** Mails to or from an address, newest first. */
  async listOfParticipant(address: string, part: PagePart): Mails {
    const participant = check(emailSchemas.participant, { address });
    return this.#options.models.page(listEmailsOfParticipant, participant, checkPart(part), listed);
  }

  /** Mails that break the format, newest first. */
  async listMalformed(part: PagePart): Mails {
    return this.#options.models.page(listMalformedEmails, {}, checkPart(part), listed);
  }

  /** @throws NotFoundError `mail.unknown` */
  async find(emailId: string): Promise<Stored<EmailCommunication>> {
    const mail = /^[0-9a-f]{24}$/i.test(emailId)
      ? await this.#options.models
          .of(EmailCommunication)
          .findById(new Types.ObjectId(emailId))
          .lean<Stored<EmailCommunication> | null>()
      : null;
    if (!mail) throw new NotFoundError(`There is no mail ${emailId}`, 'mail.unknown');
    return mail;
  }

  /**
   * Location of a mail's file, if it may be downloaded. Files of entities follow the rules of the entity, which also
   * records the access; other files are scanned first.
   * @throws NotFoundError `mail.file-unknown`; ForbiddenError `mail.file-refused`, `mail.file-infected`,
   * `mail.file-unscannable`; and errors of {@link EntityFiles.fetch}
   */
  async fetchFile(
    mail: Stored<EmailCommunication>,
    place: number,
    access?: FileAccess,
  ): Promise<Pick<EmailAttachment, 'object_key' | 'file_name' | 'content_type'>> {
    const { models, files } = this.#options;
    const { entity_type, entity_id } = mail;
    const known = mail.attachments?.[place];
    if (!known) throw new NotFoundError(`This mail has no file ${place}`, 'mail.file-unknown');
    if (!files || entity_type === undefined || entity_id === undefined) return this.#scanned(known);
    // Attaches a file now if storage or database failed when the mail arrived.
    const { file_id, refusal } = (await attachFilesOf(models, files, mail))[place] ?? known;
    if (file_id === undefined)
      throw new ForbiddenError(
        `The entity does not take this file: ${refusal?.message}`,
        'mail.file-refused',
      );
    return files.fetch({ entity_type, entity_id, file_id }, access);
  }

  async #scanned(file: EmailAttachment): Promise<EmailAttachment> {
    const { scanner, objects } = this.#options;
    if (!scanner) return file;
    const { body } = await objects.get(file.object_key);
    const { verdict } = await scanner.scan(body).finally(() => body.destroy());
    if (verdict === 'infected')
      throw new ForbiddenError('Malware was found in this file', 'mail.file-infected');
    if (verdict === 'unscannable')
      throw new ForbiddenError('The scanner could not look into this file', 'mail.file-unscannable');
    return file;
  }
}

function check<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  return checkInput(schema, input, 'mail.invalid');
}
