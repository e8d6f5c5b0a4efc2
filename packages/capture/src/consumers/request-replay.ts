import { NotFoundError } from '@infratraq/kernel';
import type { Postgres } from '@infratraq/postgres';
import type { Connection } from 'mongoose';
import { resolveCaptureNames, type CaptureNames } from '../slots/capture-names.js';
import { ChangeLog, findPositionBefore } from './change-log.js';

/** Commit times of one moment need not be in the order of the commits: a replay begins this much earlier. */
const toleranceMilliseconds = 10_000;

/** Which of a consumer's changes are meant. */
export interface ConsumerSelection extends Partial<CaptureNames> {
  consumer: string;
}

/**
 * Sets a consumer back, so that it is given changes again from one (by its id), or from a time on (and from some
 * seconds before it). Answers its new position. It may be running meanwhile. `collectionName` as the consumer has it.
 * @throws NotFoundError `capture.unknown-consumer`, or `capture.nothing-to-replay` where no change is that new
 */
export async function rewindConsumer(
  postgres: Postgres,
  connection: Connection,
  {
    consumer,
    from,
    collectionName,
    ...names
  }: ConsumerSelection & { from: string | Date; collectionName?: string | undefined },
): Promise<string> {
  const { slot } = resolveCaptureNames(postgres, names);
  const first =
    typeof from === 'string'
      ? from
      : await new ChangeLog(connection, collectionName).findFirstSince(
          new Date(from.getTime() - toleranceMilliseconds),
        );
  if (first === undefined)
    throw new NotFoundError('No change is that new; nothing to replay', 'capture.nothing-to-replay');
  const position = findPositionBefore(first);
  const { rowCount } = await postgres.pool.query(
    'update infratraq.capture_consumer set position = $3 where slot_name = $1 and consumer = $2',
    [slot, consumer, position],
  );
  if (rowCount === 0) throw new UnknownConsumerError(consumer);
  return position;
}

/**
 * Asks for changes to be given to a consumer once more, each alone and at its next turn, whatever its position.
 * @throws NotFoundError `capture.unknown-consumer`
 */
export async function replayChanges(
  postgres: Postgres,
  { consumer, changeIds, ...names }: ConsumerSelection & { changeIds: readonly string[] },
): Promise<void> {
  const { slot } = resolveCaptureNames(postgres, names);
  const { rows } = await postgres.pool.query(
    `with known as (select slot_name, consumer from infratraq.capture_consumer where slot_name = $1 and consumer = $2),
     asked as (
       insert into infratraq.capture_consumer_replay (slot_name, consumer, change_id)
       select slot_name, consumer, change_id from known cross join unnest($3::text[]) change_id
       on conflict do nothing
     )
     select 1 from known`,
    [slot, consumer, changeIds],
  );
  if (rows.length === 0) throw new UnknownConsumerError(consumer);
}

/** No consumer of that name has ever run. */
export class UnknownConsumerError extends NotFoundError {
  constructor(consumer: string) {
    super(
      `No consumer ${consumer} has run yet; "infratraq capture consumers" lists those there are`,
      'capture.unknown-consumer',
    );
  }
}
