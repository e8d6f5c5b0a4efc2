import type { Connection, mongo } from 'mongoose';
import { readEngine } from '../read-engine.js';

const answers = new WeakMap<mongo.MongoClient, Promise<boolean>>();

/** Says how the engine of a connection reads, so that it is not asked: for tests that tell one way from the other. */
export function assumeOrder(connection: Connection, answer: boolean): void {
  answers.set(connection.getClient(), Promise.resolve(answer));
}

/**
 * Whether the engine reads documents in the order of an index and stops at the limit, as MongoDB does. Others are taken
 * to read all matches first, whatever they explain: what avoids that costs little where it is not needed.
 */
export function readsInOrder(connection: Connection): Promise<boolean> {
  const client = connection.getClient();
  const known = answers.get(client);
  if (known) return known;
  const answer = readEngine(client.db(connection.name)).then(({ name }) => name === 'mongodb');
  answers.set(client, answer);
  answer.catch(() => answers.delete(client));
  return answer;
}
