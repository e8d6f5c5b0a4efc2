import { ensureIndexes } from '@infratraq/mongo';
import { store } from '@infratraq/store';
import type { Connection } from 'mongoose';
import { growingCollections } from './collections.js';
import { createDocumentMaker } from './make-document.js';

const batch = 1_000;
const dayMilliseconds = 86_400_000;

/** Fills the collections behind the API's lists, as densely in time as their policies expect. */
export async function fillCollections(connection: Connection, size: number): Promise<void> {
  await ensureIndexes(
    connection,
    store.collections.map((definition) => definition.class),
  );
  for (const [name, { share, describe }] of Object.entries(growingCollections)) {
    const { policy, class: target } = store.collection(name);
    const make = createDocumentMaker(target);
    const count = Math.floor(size * share);
    const spacing = dayMilliseconds / policy.growth.documentsPerDay;
    // Permanent ones and young ones alike: none is to expire while it is measured.
    const step = Math.min(spacing, (6 * dayMilliseconds) / count);
    const now = Date.now();
    for (let first = 0; first < count; first += batch) {
      const documents = Array.from({ length: Math.min(batch, count - first) }, (_, place) => {
        const number = first + place;
        const at = new Date(now - (count - number) * step);
        return { ...make(at), ...describe(number, count, at) };
      });
      await connection
        .collection(name)
        .insertMany(documents as never[], { ordered: false, writeConcern: { w: 1 } });
    }
  }
}
