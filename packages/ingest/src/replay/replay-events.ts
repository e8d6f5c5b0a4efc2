import {
  InvalidInputError,
  NotFoundError,
  policyOf,
  withholdValues,
  type DocumentClass,
} from '@infratraq/kernel';
import { isDuplicateKey, isPassingFault, type Models } from '@infratraq/mongo';
import { type mongo } from 'mongoose';
import { compileCasting } from '../casting/prepare-event.js';

/** An event as its dead letter keeps it: redacted, and of an id of its own where it had none yet. */
export interface KeptEvent {
  readonly document: object;
  /** Its `_id` where it has none: the same at every replay, so that none is stored twice. */
  readonly id: mongo.ObjectId;
  /** Stand where the class has the fields and the event left them out. */
  readonly recordedAt: Date;
  readonly user_id?: string | undefined;
  readonly cause_id?: string | undefined;
}

/** Offers collections once more what they refused. */
export interface EventReplay {
  /**
   * Answers the document that would be stored.
   * @throws NotFoundError `event.unknown-collection`, InvalidInputError `event.invalid`
   */
  check(collection: string, event: KeptEvent): mongo.Document;
  /**
   * Stores it, once however often it is asked for; resolves once a majority has it.
   * @throws what `check` throws, InvalidInputError `event.refused` when the collection takes it not, and faults of the server
   */
  store(collection: string, event: KeptEvent): Promise<void>;
}

/** Makes a replay into the collections of the models. What was redacted stays as it is: it is not redacted twice. */
export function createEventReplay(models: Models): EventReplay {
  const casts = new Map<string, (event: object) => mongo.Document>();
  const prepare = (collection: string, event: KeptEvent): mongo.Document => {
    const target = models.collections.find((one) => policyOf(one).name === collection);
    if (target === undefined)
      throw new NotFoundError(
        `${collection} is no collection of this store; its dead letters cannot be replayed here`,
        'event.unknown-collection',
      );
    let cast = casts.get(collection);
    if (cast === undefined) casts.set(collection, (cast = compileCasting(target, models.of(target))));
    return cast(complete(models, target, event));
  };
  return {
    check: prepare,
    async store(name, event) {
      const document = prepare(name, event);
      const collection = models.connection.getClient().db(models.connection.name).collection(name);
      try {
        await collection.insertOne(document, { writeConcern: { w: 'majority' }, ignoreUndefined: true });
      } catch (error) {
        if (isPassingFault(error)) throw error;
        // Another unique index may have refused it: only what is really there counts as stored.
        const isThere = { _id: document['_id'] as mongo.ObjectId };
        if (isDuplicateKey(error) && (await collection.countDocuments(isThere, { limit: 1 })) === 1) return;
        throw new InvalidInputError(withholdValues((error as Error).message), { code: 'event.refused' });
      }
    },
  };
}

function complete(models: Models, target: DocumentClass, { document, ...kept }: KeptEvent): object {
  const { time } = policyOf(target);
  const { schema } = models.of(target);
  const known = Object.entries({
    _id: kept.id,
    ...(time !== undefined && { [time]: kept.recordedAt }),
    user_id: kept.user_id,
    cause_id: kept.cause_id,
  }).filter(([name, value]) => value !== undefined && schema.path(name) !== undefined);
  return { ...Object.fromEntries(known), ...document };
}
