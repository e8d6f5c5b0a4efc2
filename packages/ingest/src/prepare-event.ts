import { currentActor, policyOf, type Actor, type DocumentClass } from '@infratraq/kernel';
import { mongo, type Model, type Schema } from 'mongoose';
import { compileCheck } from './compile-check.js';

/** A document that is ready to be inserted, and its size in BSON bytes. */
export interface PreparedEvent {
  readonly document: mongo.Document;
  readonly bytes: number;
}

const stampedFields = ['user_id', 'cause_id', 'ip_address', 'session_id'] as const satisfies (keyof Actor)[];
const largestDocumentBytes = 16 * 1024 * 1024;
const deepestNesting = 100;

/**
 * Makes the function that turns what is recorded for a class into a document of its own: identified, stamped with
 * time and actor where the class has the fields and the caller left them out, cast, and checked against the schema.
 *
 * The `_id` is made here, once, so that writing the document again can never double it.
 *
 * @throws the schema's error when the event is not valid
 */
export function prepareEventsOf<T extends object>(
  target: DocumentClass<T>,
  model: Model<T>,
): (event: Partial<T>) => PreparedEvent {
  const { time } = policyOf(target);
  const schema = model.schema as unknown as Schema;
  const check = compileCheck(schema);
  const actorFields = stampedFields.filter((field) => schema.path(field));
  return (event) => {
    const hydrated = new model({ ...stamps(time, actorFields), ...withoutUndefined(event) } as Partial<T>);
    const [castFault] = Object.values(hydrated.errors ?? {});
    if (castFault) throw castFault;
    const document = hydrated.toObject({
      depopulate: true,
      virtuals: false,
      getters: false,
    }) as mongo.Document;
    const fault = check(document);
    if (fault) throw fault;
    // Some engines answer a deeper one by closing the connection, which looks like an outage, for ever.
    if (isNestedBeyond(document, deepestNesting))
      throw new RangeError(
        `the document is nested deeper than the ${deepestNesting} levels that MongoDB holds`,
      );
    const bytes = mongo.BSON.calculateObjectSize(document, { ignoreUndefined: true });
    if (bytes > largestDocumentBytes)
      throw new RangeError(
        `the document takes ${bytes} bytes; MongoDB holds at most ${largestDocumentBytes}`,
      );
    return { document, bytes };
  };
}

function isNestedBeyond(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Date || '_bsontype' in value)
    return false;
  if (ArrayBuffer.isView(value)) return false;
  return levels === 0 || Object.values(value).some((inner) => isNestedBeyond(inner, levels - 1));
}

function stamps(
  time: string | undefined,
  actorFields: readonly (typeof stampedFields)[number][],
): Record<string, unknown> {
  const actor = currentActor();
  const known = actor ? actorFields.flatMap((field) => (actor[field] ? [[field, actor[field]]] : [])) : [];
  return { ...(time && { [time]: new Date() }), ...(Object.fromEntries(known) as object) };
}

function withoutUndefined(event: object): object {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
}
