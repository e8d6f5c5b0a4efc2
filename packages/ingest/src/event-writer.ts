import { EventEmitter } from 'node:events';
import {
  InfratraqError,
  lifecycle,
  policyOf,
  type CollectionStates,
  type DocumentClass,
  type EventRecorder,
} from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { CollectionQueue, type CollectionMetrics } from './collection-queue.js';
import { Pause } from './pause.js';
import { prepareEventsOf, type PreparedEvent } from './prepare-event.js';

/** An event that was not and will not be stored, and why. */
export interface RejectedEvent {
  readonly collection: string;
  readonly document: object;
  readonly reason: string;
  readonly error: unknown;
}

/** Why the writer cannot keep up: the database fails, or the byte budget is used up. */
export interface Degradation {
  readonly collection: string;
  readonly reason: 'database' | 'full';
  readonly error?: unknown;
}

/** What a writer tells its listeners. */
export interface WriterEvents {
  'event:rejected': [RejectedEvent];
  'writer:degraded': [Degradation];
  'writer:recovered': [{ readonly collection: string }];
}

/** What the writer holds and has done, in all and by collection. */
export interface WriterMetrics {
  readonly depth: number;
  readonly bytes: number;
  readonly maximumBytes: number;
  readonly degraded: boolean;
  readonly collections: Readonly<Record<string, CollectionMetrics>>;
}

export interface EventWriterOptions {
  readonly models: Models;
  /** Events of a collection in maintenance wait; without this, all are written at once. */
  readonly states?: CollectionStates;
  /** Bytes of BSON that may wait in memory; what comes beyond is refused and counted. 64 MiB by default. */
  readonly maximumBytes?: number;
  /** Documents per insert at most; 1000 by default. */
  readonly batchSize?: number;
  /** How long a batch waits for more before it is written; 20 ms by default. */
  readonly lingerMilliseconds?: number;
  /** Takes warnings; a pino logger fits. */
  readonly log?: { warn(details: object, message: string): void };
}

/** Records events off the caller's path and writes them in the background, each exactly once. */
export interface EventWriter extends EventRecorder {
  readonly events: EventEmitter<WriterEvents>;
  /** Resolves when everything recorded so far has been written or rejected. */
  flush(): Promise<void>;
  /** Takes no more events, and drains within the deadline (10 seconds by default); tells how many were left. */
  close(options?: { deadlineMilliseconds?: number }): Promise<{ undelivered: number }>;
  metrics(): WriterMetrics;
}

interface Lane {
  readonly queue: CollectionQueue;
  readonly prepare: (event: object) => PreparedEvent;
}

/**
 * Makes the fire-and-forget writer over bound models.
 *
 * @example
 * const writer = createEventWriter({ models });
 * writer.record(UserActivityEvent, { event_type: 'project.viewed', … });
 */
export function createEventWriter(options: EventWriterOptions): EventWriter {
  const { models, states, log, maximumBytes = 64 * 1024 * 1024 } = options;
  const events = new EventEmitter<WriterEvents>();
  const lanes = new Map<DocumentClass, Lane>();
  const degraded = new Set<string>();
  let bytes = 0;
  let closed = false;

  // Listeners run apart from the caller of record, who must not be hit by what they throw.
  const reject = (collection: string, document: object, error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    log?.warn({ collection, reason }, 'event rejected');
    queueMicrotask(() => events.emit('event:rejected', { collection, document, reason, error }));
  };
  const degrade = (degradation: Degradation) => {
    if (degraded.has(degradation.collection)) return;
    degraded.add(degradation.collection);
    log?.warn({ ...degradation }, 'event writer degraded');
    queueMicrotask(() => events.emit('writer:degraded', degradation));
  };
  const recover = (collection: string) => {
    if (degraded.delete(collection)) queueMicrotask(() => events.emit('writer:recovered', { collection }));
  };

  const openLane = (target: DocumentClass): Lane => {
    const model = models.of(target);
    const { name } = policyOf(target);
    const database = models.connection.getClient().db(models.connection.name);
    const queue = new CollectionQueue(database, name, {
      batchSize: options.batchSize ?? 1_000,
      lingerMilliseconds: options.lingerMilliseconds ?? 20,
      admit: () => admission(name, states),
      settled: (done) => {
        for (const event of done) bytes -= event.bytes;
      },
      rejected: (event, error) => reject(name, event.document, error),
      failing: (error) => degrade({ collection: name, reason: 'database', error }),
      working: () => recover(name),
    });
    const lane = { queue, prepare: prepareEventsOf(target, model) };
    lanes.set(target, lane);
    return lane;
  };

  const record: EventWriter['record'] = (target, document) => {
    const { name } = policyOf(target);
    const lane = lanes.get(target) ?? openLane(target);
    let event: PreparedEvent;
    try {
      event = lane.prepare(document);
    } catch (error) {
      lane.queue.countRejected();
      reject(name, document, error);
      return;
    }
    if (closed || bytes + event.bytes > maximumBytes) {
      lane.queue.countRefused();
      if (!closed) degrade({ collection: name, reason: 'full' });
      return;
    }
    bytes += event.bytes;
    lane.queue.push(event);
  };

  const flush = async () => {
    await Promise.all([...lanes.values()].map(({ queue }) => queue.flush()));
  };

  const close: EventWriter['close'] = async ({ deadlineMilliseconds = 10_000 } = {}) => {
    closed = true;
    const deadline = new Pause();
    await Promise.race([flush(), deadline.wait(deadlineMilliseconds)]);
    deadline.cut();
    const left = [...lanes.values()].flatMap(({ queue }) => queue.abandon());
    if (left.length > 0)
      log?.warn({ undelivered: left.length }, 'event writer closed before all was written');
    return { undelivered: left.length };
  };

  const metrics = (): WriterMetrics => {
    const collections = Object.fromEntries(
      [...lanes].map(([target, { queue }]) => [policyOf(target).name, queue.metrics()]),
    );
    const depth = Object.values(collections).reduce((sum, one) => sum + one.depth, 0);
    return { depth, bytes, maximumBytes, degraded: degraded.size > 0, collections };
  };

  return { events, record, flush, close, metrics };
}

function admission(collection: string, states: CollectionStates | undefined): 'now' | 'later' | Error {
  const state = states?.stateOf(collection) ?? 'active';
  if (lifecycle[state].allows.includes('write')) return 'now';
  if (state === 'maintenance') return 'later';
  return new InfratraqError(`collection.${state}`, `${collection} is ${state} and takes no more events`, {
    status: 409,
  });
}
