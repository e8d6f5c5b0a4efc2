import {
  changelogTarget,
  createMongoChangeSink,
  deadLetterTargetOf,
  replayChanges,
  replayRefusedChanges,
} from '@infratraq/capture';
import type { DeadLetterReplays, DeadLetters } from '@infratraq/integration';
import { ConflictError } from '@infratraq/kernel';
import type { Platform } from '../platform/platform.js';

type Replay = NonNullable<DeadLetterReplays['capture']>;

/** Replays a dead letter of capture: the changelog is offered the change at once, a consumer at its next turn. */
export function replayLetter(
  { postgres, mongo }: Pick<Platform, 'postgres' | 'mongo'>,
  { slot, deadLetters }: { slot: string; deadLetters: DeadLetters },
): Replay {
  return async ({ target, source_position = '' }, by) => {
    if (target !== changelogTarget) {
      const consumer = target.slice(deadLetterTargetOf('').length);
      await replayChanges(postgres, { slot, consumer, changeIds: [source_position] });
      return 'requested';
    }
    const letter = { target, source_position };
    const { replayed, refused } = await replayRefusedChanges({
      postgres,
      sink: createMongoChangeSink(mongo.connection),
      changeIds: [source_position],
      onReplayed: () => deadLetters.settle(letter, by),
      onRefused: (_change, { code, reason }) => deadLetters.noteRefusal(letter, { code, message: reason }),
    });
    if (replayed + refused === 0)
      throw new ConflictError(
        `The change ${source_position} is not kept: another process is replaying it or has replayed it`,
        'capture.change-not-kept',
      );
    return replayed > 0 ? 'replayed' : 'refused';
  };
}
