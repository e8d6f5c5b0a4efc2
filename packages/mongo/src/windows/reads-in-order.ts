import { randomUUID } from 'node:crypto';
import { mongo, type Connection } from 'mongoose';

const setting = 'infratraqReadsInOrder';
const documents = 20_000;
const few = 10;
const tries = 8;
/** Reading the first of many documents takes this much longer than of few only where all of them are read. */
const telling = 1.5;

/** What is known of a connection's engine: whether it reads an index in its order; undefined before it was tried. */
export function knowsOrder(connection: Connection): boolean | undefined {
  return connection.get(setting) as boolean | undefined;
}

/**
 * Tries whether the engine reads documents in the order of an index and stops at the limit, as MongoDB does. What an
 * engine explains is not what it does, so this is measured; the connection keeps the answer.
 */
export async function readsInOrder(connection: Connection): Promise<boolean> {
  const known = knowsOrder(connection);
  if (known !== undefined) return known;
  const answer = await measureOrder(connection);
  connection.set(setting, answer);
  return answer;
}

async function measureOrder(connection: Connection): Promise<boolean> {
  const scratch = connection.getClient().db(connection.name).collection(`order_probe_${randomUUID()}`);
  try {
    await scratch.createIndex({ rank: 1 });
    await scratch.insertMany(Array.from({ length: documents }, (_, rank) => ({ rank })));
    const measure = async (from: number) => {
      let shortest = Infinity;
      for (let count = 0; count < tries; count += 1) {
        const start = performance.now();
        await scratch
          .find({ rank: { $gte: from } })
          .sort({ rank: 1 })
          .limit(1)
          .toArray();
        shortest = Math.min(shortest, performance.now() - start);
      }
      return shortest;
    };
    const ofFew = await measure(documents - few);
    return (await measure(0)) < telling * ofFew;
  } catch (error) {
    // Refused, as by a role that may not create collections: such a role is known on MongoDB alone.
    if (error instanceof mongo.MongoServerError) return true;
    throw error;
  } finally {
    await scratch.drop();
  }
}
