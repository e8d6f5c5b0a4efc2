import type { EventEmitter } from 'node:events';
import type pg from 'pg';
import { BackOff, waitUnlessAborted } from '../leading/back-off.js';
import { leadCapture, type Leadership } from '../leading/lead-capture.js';
import type { ChangeConsumer, RejectedChange } from './change-consumer.js';
import type { ChangeLog } from './change-log.js';
import { ConsumerPosition, type ConsumerTurn } from './consumer-position.js';
import type { ConsumersEvents, ConsumerState, ConsumerStatus } from './change-consumers.js';
import { deliverChanges, type Delivery } from './deliver-changes.js';
import type { Wakeup } from './wakeup.js';

export interface RunnerOptions {
  readonly consumer: ChangeConsumer;
  /** Of PostgreSQL. */
  readonly connection: pg.ClientConfig;
  readonly slot: string;
  readonly log: ChangeLog;
  readonly events: EventEmitter<ConsumersEvents>;
  readonly wakeup: Wakeup;
  readonly pollMilliseconds: number;
  readonly maxAttempts: number;
  readonly onRejected: (rejected: RejectedChange) => Promise<void>;
  readonly onReplayed: (consumer: string, changeId: string) => Promise<void>;
}

/** Keeps one consumer going: alone among all processes, at its own speed, through every fault. */
export class ConsumerRunner {
  readonly #options: RunnerOptions;
  #state: ConsumerState = 'stopped';
  #position: string | undefined;
  #handled = 0;
  #rejected = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.consumer.name;
  }

  status(): ConsumerStatus {
    return {
      name: this.name,
      state: this.#state,
      position: this.#position,
      handled: this.#handled,
      rejected: this.#rejected,
    };
  }

  /** Resolves once the signal is aborted and what was under way has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { connection, slot, pollMilliseconds, events } = this.#options;
    const backOff = new BackOff();
    while (!signal.aborted) {
      try {
        this.#state = 'connecting';
        await leadCapture({
          connection,
          slot: `consumer ${this.name} of ${slot}`,
          signal,
          pollMilliseconds,
          onWaiting: () => (this.#state = 'waiting'),
          lead: (leadership) => this.#consume(leadership, backOff),
        });
      } catch (error) {
        if (signal.aborted) break;
        this.#state = 'retrying';
        const delayMilliseconds = backOff.next();
        events.emit('consumer:retrying', { consumer: this.name, error, delayMilliseconds });
        await waitUnlessAborted(delayMilliseconds, signal);
      }
    }
    this.#state = 'stopped';
  }

  async #consume({ client, signal }: Leadership, backOff: BackOff): Promise<void> {
    const { consumer, slot, wakeup, pollMilliseconds } = this.#options;
    const position = new ConsumerPosition(client, slot, this.name);
    const delivery = this.#describeDelivery(signal, async () => {
      await client.query('select 1');
      await this.#options.log.ping();
    });
    await position.register(consumer);
    this.#state = 'active';
    while (!signal.aborted) {
      const { count, storedLsn } = wakeup;
      try {
        const turn = await position.readTurn(storedLsn);
        this.#position = turn.position;
        const replayed = await this.#replay(position, turn, delivery);
        const handled = await this.#handleNext(position, turn, delivery);
        backOff.reset();
        if (!replayed && !handled) await wakeup.wait(count, pollMilliseconds, signal);
      } catch (error) {
        if (signal.aborted) return;
        await position.noteFault(error).catch((another: unknown) => {
          throw new AggregateError([error, another], 'A consumer failed, and could not note why');
        });
        throw error;
      }
    }
  }

  async #handleNext(position: ConsumerPosition, turn: ConsumerTurn, delivery: Delivery): Promise<boolean> {
    const { consumer, events, log } = this.#options;
    const { entityTypes, maxChanges = 500 } = consumer;
    const changes = await log.readNext({ ...turn, entityTypes, limit: maxChanges });
    const last = changes.at(-1);
    if (last === undefined) return false;
    const rejected = await deliverChanges(delivery, changes);
    await position.advance(turn.position, last._id);
    this.#position = last._id;
    this.#handled += changes.length - rejected;
    events.emit('consumer:advanced', { consumer: this.name, position: last._id, changes: changes.length });
    return true;
  }

  /** One by one: they are from anywhere in the changelog, and each has its own outcome. */
  async #replay(position: ConsumerPosition, { replays }: ConsumerTurn, delivery: Delivery): Promise<boolean> {
    if (replays.length === 0) return false;
    for (const change of await this.#options.log.readByIds(replays)) {
      const rejected = await deliverChanges(delivery, [change]);
      if (rejected === 0) await this.#options.onReplayed(this.name, change._id);
      await position.endReplays([change._id]);
    }
    // Those that are left are not in the changelog any more.
    await position.endReplays(replays);
    return true;
  }

  #describeDelivery(signal: AbortSignal, proveInfrastructure: () => Promise<void>): Delivery {
    const { consumer, maxAttempts, onRejected, events } = this.#options;
    return {
      consumer,
      signal,
      maxAttempts,
      proveInfrastructure,
      onRejected: async (rejected) => {
        await onRejected(rejected);
        this.#rejected += 1;
        events.emit('consumer:rejected', rejected);
      },
    };
  }
}
