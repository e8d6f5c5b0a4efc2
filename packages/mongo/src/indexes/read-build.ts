import type { Connection } from 'mongoose';
import { openHousekeeping, type HousekeepingEntry } from '../housekeeping.js';
import type { BuildProgress } from './build-index.js';

/** The lease of the process that builds indexes. */
export const buildLease = 'index builds';

/** The build that some process is busy with, as it noted it; undefined when none is. */
export async function findBuild(connection: Connection): Promise<BuildProgress | undefined> {
  return readBuild(await openHousekeeping(connection).findOne({ _id: buildLease }));
}

/** Reads a build from the entry of its lease; undefined when the process that held it is gone. */
export function readBuild(entry: HousekeepingEntry | null): BuildProgress | undefined {
  if (!entry?.held_until || entry.held_until.getTime() < Date.now()) return undefined;
  return entry['working_on'] as BuildProgress | undefined;
}
