import { DeadLetterEvent } from '@infratraq/integration';
import { currentActor, type EntityReference } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';

/** Content from outside of which nothing followed: what it is, where it is kept, and why. */
export interface ContentLetter {
  readonly origin: Extract<DeadLetterEvent['origin'], 'mail' | 'file'>;
  readonly target: string;
  /** The same for the same content: it has one letter, however often it comes. */
  readonly source_position: string;
  readonly reason: { readonly code: string; readonly message: string };
  readonly payload: object;
  readonly entity?: EntityReference;
}

/** Keeps a dead letter about content from outside. A letter that is settled stays settled. */
export async function keepContentLetter(models: Models, letter: ContentLetter): Promise<void> {
  const { target, source_position, reason, entity, ...rest } = letter;
  const at = new Date();
  const cause_id = currentActor()?.cause_id;
  await models.of(DeadLetterEvent).updateOne(
    { target, source_position },
    {
      $set: { last_attempt_at: at },
      $inc: { attempts: 1 },
      $setOnInsert: {
        ...rest,
        created_at: at,
        reason: { code: reason.code, message: reason.message.slice(0, 4_000) },
        state: 'open',
        // The same content breaks the same limit again.
        replayable: false,
        ...(entity && { entity_type: entity.entity_type, entity_id: entity.entity_id }),
        ...(cause_id !== undefined && { cause_id }),
      },
    },
    { upsert: true, runValidators: true },
  );
}
