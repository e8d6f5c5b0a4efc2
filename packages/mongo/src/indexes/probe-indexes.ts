import { randomUUID } from 'node:crypto';
import type { IndexSpecification } from '@infratraq/kernel';
import type { Connection } from 'mongoose';
import { probeText } from '../probe-capabilities.js';

/** Answers a function that says why the engine cannot have an index, or nothing; each kind is tried once. */
export function createIndexProbe(
  connection: Connection,
): (index: IndexSpecification) => Promise<string | undefined> {
  const tried = new Map<string, Promise<boolean>>();
  const probes = { text: probeText, hashed: probeHashed } as const;
  const reasons = {
    text: 'this engine has no text indexes',
    hashed: 'this engine has no hashed indexes, which only sharding needs',
  };
  return async ({ key }) => {
    for (const kind of ['text', 'hashed'] as const) {
      if (!Object.values(key).includes(kind)) continue;
      const answer = tried.get(kind) ?? probes[kind](connection);
      tried.set(kind, answer);
      if (!(await answer)) return reasons[kind];
    }
    return undefined;
  };
}

// That it fails, in whatever way the engine chose, is the answer.
async function probeHashed(connection: Connection): Promise<boolean> {
  const scratch = connection.getClient().db(connection.name).collection(`capability_probe_${randomUUID()}`);
  try {
    await scratch.insertOne({ probe: 'first' });
    await scratch.createIndex({ probe: 'hashed' });
    return true;
  } catch {
    return false;
  } finally {
    await scratch.drop();
  }
}
