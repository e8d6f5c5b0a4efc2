import { readsInOrder, type Models } from '@infratraq/mongo';
import { mongo } from 'mongoose';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { CapturedSources } from './captured-sources.js';
import type { Finding } from './findings.js';
import { readIds } from './read-changes.js';
import type { SealKeeper } from './seal-ports.js';

/** Most changes that are named; an attacker may have inserted millions. */
const mostNamed = 1_000;

/**
 * Finds documents of the changelog that no seal covers and that capture has not stored: under ids that are no text, and
 * behind the last seal under ids that capture never gives.
 */
export async function findForeignChanges(
  models: Models,
  keeper: Pick<SealKeeper, 'listSources'>,
  lastId: string | undefined,
): Promise<Finding[]> {
  const nameless = await findNameless(models);
  const found = nameless.map((id) =>
    inserted(mongo.BSON.EJSON.stringify(id), 'ids of captured changes are text'),
  );
  const sources = new CapturedSources(await keeper.listSources());
  const suspected: string[] = [];
  for await (const id of readIds(models, lastId)) {
    if (sources.findUnsealedFault(id) !== undefined) suspected.push(id);
    if (suspected.length === mostNamed) break;
  }
  if (suspected.length === 0) return found;
  // What is stored meanwhile may be of a place that the log had not come to before, or of a source made since.
  const now = new CapturedSources(await keeper.listSources());
  for (const id of suspected) {
    const fault = now.findUnsealedFault(id);
    if (fault !== undefined) found.push(inserted(id, fault));
  }
  return found;
}

/** Ids that come before every text, and after: a query for text finds none of them, whatever it asks for. */
async function findNameless(models: Models): Promise<unknown[]> {
  const { collection } = models.of(EntityChangelog);
  const options = { projection: { _id: 1 }, limit: mostNamed } as const;
  const found: unknown[] = [];
  if (!(await readsInOrder(models.connection))) {
    for (const _id of otherIds)
      for await (const one of collection.find({ _id: _id as never }, options)) found.push(one._id);
    return found;
  }
  // Where there is no collection yet there is no index that could be named.
  if ((await collection.findOne({}, { projection: { _id: 1 } })) === null) return [];
  for (const bounds of [{ max: { _id: '' } }, { min: { _id: {} } }])
    for await (const { _id } of collection.find({}, { ...options, hint: { _id: 1 }, ...bounds }))
      found.push(_id);
  return found;
}

/** Conditions on ids that are no text, type by type: engines that heed no bounds of an index would read all of it. */
const otherIds = [
  { $in: [null, true, false, new mongo.MinKey(), new mongo.MaxKey(), Number.NaN] },
  { $gte: Number.NEGATIVE_INFINITY },
  { $gte: {} },
  { $gte: new mongo.Binary(Buffer.alloc(0)) },
  { $gte: new mongo.ObjectId('0'.repeat(24)) },
  { $gte: new Date(-8_640_000_000_000_000) },
  { $gte: new mongo.Timestamp({ t: 0, i: 0 }) },
  { $gte: new mongo.Code('') },
] as const;

const inserted = (change_id: string, reason: string): Finding => ({
  kind: 'change:inserted',
  change_id,
  detail: `capture has not stored it: ${reason}`,
});
