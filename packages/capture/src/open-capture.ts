import { openParts, warnOfError } from '@infratraq/kernel';
import { openModels, type MongoSource } from '@infratraq/mongo';
import { openPostgres, type Postgres, type PostgresSource } from '@infratraq/postgres';
import type { Connection } from 'mongoose';
import type { Capture, CaptureSettings } from './leading/capture.js';
import { createCapture } from './leading/create-capture.js';
import type { PrepareOptions } from './preparation/plan-capture.js';
import { prepareCapture } from './preparation/prepare-capture.js';
import { keepRefusedChange } from './refusals/keep-refused-change.js';
import { createMongoChangeSink, type RefusedDocument } from './sinks/create-mongo-change-sink.js';
import { resolveCaptureNames } from './slots/capture-names.js';

/** The databases, what is captured, and who is told of faults. */
export type OpenCaptureOptions = MongoSource &
  PostgresSource &
  PrepareOptions &
  Pick<CaptureSettings, 'log' | 'onError'> & {
    /** Told of a change that the changelog refused, once PostgreSQL keeps it. Must bear repetition. */
    readonly onRefused?: (refused: RefusedDocument) => Promise<void>;
  };

/** Capture that runs, and the databases that it runs between. */
export interface OpenedCapture {
  readonly capture: Capture;
  readonly postgres: Postgres;
  readonly connection: Connection;
  /** Ends capture after the write that is under way, and closes the connections that this opened. */
  close(): Promise<void>;
}

/**
 * Prepares PostgreSQL for capture, and stores every committed change in `entity_changelog` from then on. What the
 * changelog refuses is kept in PostgreSQL until `replayRefusedChanges` stores it.
 *
 * @throws CaptureNotPreparedError `capture.not-prepared` when the server is not configured for it
 * @throws CaptureSlotLostError `capture.slot-lost` when changes may be missing; see `recoverLostSlot`
 * @example
 * const { capture, close } = await openCapture({ postgresUrl, mongodbUri });
 */
export function openCapture(options: OpenCaptureOptions): Promise<OpenedCapture> {
  const { onError = warnOfError, onRefused, log } = options;
  return openParts(async (defer) => {
    const { postgres, close: closePostgres } = await openPostgres(options, [], { onError });
    defer(closePostgres);
    const { models, close: closeMongo } = await openModels(options, []);
    defer(closeMongo);
    await prepareCapture(postgres, options);
    const { connection } = models;
    const sink = createMongoChangeSink(connection, {
      onRejected: async (refused) => {
        await keepRefusedChange(postgres, refused);
        await onRefused?.(refused);
      },
    });
    const capture = createCapture({
      ...resolveCaptureNames(postgres, options),
      postgres,
      sink,
      onError,
      ...(log && { log }),
    });
    capture.start();
    defer(() => capture.stop());
    return { capture, postgres, connection };
  });
}
