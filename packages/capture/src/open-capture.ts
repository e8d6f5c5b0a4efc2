import { openParts, warnOfError } from '@infratraq/kernel';
import { openModels, type MongoSource } from '@infratraq/mongo';
import { connectPostgres, type Postgres } from '@infratraq/postgres';
import type { Connection } from 'mongoose';
import type { Capture, CaptureOptions } from './leading/capture.js';
import { createCapture } from './leading/create-capture.js';
import type { PrepareOptions } from './preparation/plan-capture.js';
import { prepareCapture } from './preparation/prepare-capture.js';
import { keepRefusedChange } from './refusals/keep-refused-change.js';
import { createMongoChangeSink, type RefusedDocument } from './sinks/create-mongo-change-sink.js';
import { resolveCaptureNames, urlOf } from './slots/capture-names.js';

/** The databases, what is captured, and who is told of faults. */
export type OpenCaptureOptions = MongoSource &
  (
    | { readonly postgresUrl: string; readonly postgres?: undefined }
    | { readonly postgres: Postgres; readonly postgresUrl?: undefined }
  ) &
  PrepareOptions &
  Pick<CaptureOptions, 'log' | 'onError'> & {
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
    const postgres = options.postgres ?? (await connectPostgres({ url: options.postgresUrl }));
    if (options.postgres === undefined) defer(() => postgres.close());
    const { models, close } = await openModels(options, []);
    defer(close);
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
      postgresUrl: urlOf(postgres),
      sink,
      onError,
      ...(log && { log }),
    });
    capture.start();
    defer(() => capture.stop());
    return { capture, postgres, connection };
  });
}
