import type pg from 'pg';
import { CaptureNotPreparedError } from '../slots/slot-errors.js';

/** @throws CaptureNotPreparedError when the server's log lacks what logical decoding needs */
export async function requireLogicalLog(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ wal_level: string }>('show wal_level');
  if (rows[0]?.wal_level === 'logical') return;
  throw new CaptureNotPreparedError(
    `Capture needs wal_level = logical, and the server has ${rows[0]?.wal_level}; run ` +
      `"ALTER SYSTEM SET wal_level = 'logical'" and restart PostgreSQL`,
  );
}
