import { mongo, type Model } from 'mongoose';
import { readsInOrder } from './reads-in-order.js';

/** Finds ids that are no text, which come before every text and after: a query for text finds none of them. */
export async function findIdsBesideText<T extends object>(
  model: Model<T>,
  limit: number,
): Promise<unknown[]> {
  const collection = model.collection as unknown as mongo.Collection;
  const options = { projection: { _id: 1 }, limit } as const;
  const found: unknown[] = [];
  if (!(await readsInOrder(model.db))) {
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
