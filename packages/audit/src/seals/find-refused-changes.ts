import { readRefusedChanges } from '@infratraq/capture';
import type { Postgres } from '@infratraq/postgres';
import type { RefusedChanges } from './seal-ports.js';

/** Finds what the changelog refused where capture keeps it. */
export function findRefusedChanges(postgres: Pick<Postgres, 'pool'>): RefusedChanges {
  return {
    async *read(range) {
      for await (const change of readRefusedChanges(postgres, range)) yield { ...change };
    },
  };
}
