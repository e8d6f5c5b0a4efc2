import type { Models } from '@infratraq/mongo';
import { readChanges, type StoredChange } from './read-changes.js';
import type { RefusedChanges, SealKeeper } from './seal-ports.js';

/** What sealing is measured with. */
export interface SealingTrail {
  readonly models: Models;
  readonly keeper: Pick<SealKeeper, 'readHead' | 'readProgress'>;
  readonly refused: RefusedChanges;
  readonly now?: (() => Date) | undefined;
}

/** How far sealing is behind. */
export interface SealingReading {
  /** Of the newest seal; 0 before the first. */
  readonly last_sequence: number;
  /** The first change that no seal covers; undefined when all are covered. */
  readonly oldest_unsealed_id: string | undefined;
  /** How long that change has waited, in seconds: since it happened, or since sealing last came as far as it could. */
  readonly unsealed_seconds: number;
}

/** Measures how long changes have waited for a seal. */
export async function measureSealing(trail: SealingTrail): Promise<SealingReading> {
  const { keeper, now = () => new Date() } = trail;
  const head = await keeper.readHead();
  const progress = await keeper.readProgress();
  const oldest = await findOldestUnsealed(trail, head?.last_id);
  const reading = { last_sequence: head?.sequence ?? 0, oldest_unsealed_id: oldest?._id };
  if (oldest === undefined) return { ...reading, unsealed_seconds: 0 };
  const at = now().getTime();
  const since = [oldest.changed_at, progress.sealed_at, progress.complete_at]
    .map((time) => (time instanceof Date ? time.getTime() : 0))
    // A time to come is no excuse: it could be put off for ever.
    .filter((time) => time <= at);
  return { ...reading, unsealed_seconds: (at - Math.max(0, ...since)) / 1_000 };
}

/** The first change after an id, stored or refused by the changelog. */
export async function findOldestUnsealed(
  { models, refused }: Pick<SealingTrail, 'models' | 'refused'>,
  after: string | undefined,
): Promise<StoredChange | undefined> {
  let oldest: StoredChange | undefined;
  // Those first: what is replayed meanwhile is in the changelog before it leaves them.
  for await (const change of refused.read({ after })) {
    oldest = change;
    break;
  }
  for await (const change of readChanges(models, { after }, 1))
    if (oldest === undefined || change._id < oldest._id) oldest = change;
  return oldest;
}
