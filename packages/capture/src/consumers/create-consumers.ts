import { EventEmitter } from 'node:events';
import { InvalidInputError } from '@infratraq/kernel';
import { addressOf } from '../leading/postgres-address.js';
import { resolveCaptureNames } from '../slots/capture-names.js';
import type {
  ChangeConsumers,
  ConsumersEvents,
  ConsumersOptions,
  ConsumerStatus,
} from './change-consumers.js';
import { ChangeLog } from './change-log.js';
import { ConsumerRunner } from './consumer-runner.js';
import { Wakeup } from './wakeup.js';

/**
 * Delivers the changes of the changelog to named consumers: at least once, in commit order, in one process at a time.
 * Each consumer has its own position and speed.
 *
 * @throws InvalidInputError for a name that is not unique or can't be one
 * @example
 * const consumers = createConsumers({ postgresUrl, connection, capture, consumers: [searchIndex], onRejected });
 * consumers.start();
 */
export function createConsumers(options: ConsumersOptions): ChangeConsumers {
  const names = options.consumers.map(({ name }) => name);
  for (const name of names) {
    if (name === changelogName)
      throw new InvalidInputError(
        `The name ${name} is reserved for the changelog; choose another name for the consumer`,
      );
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name))
      throw new InvalidInputError(`${name} can't name a consumer: use a-z, 0-9 and -, at most 40`);
    if (names.filter((other) => other === name).length > 1)
      throw new InvalidInputError(`Two consumers are named ${name}; each needs a position of its own`);
  }
  return new Consumers(options);
}

/** What the command calls the changelog where it names consumers. */
const changelogName = 'changelog';

class Consumers extends EventEmitter<ConsumersEvents> implements ChangeConsumers {
  readonly #options: ConsumersOptions;
  readonly #wakeup = new Wakeup();
  readonly #runners: readonly ConsumerRunner[];
  #stopping = new AbortController();
  #running: Promise<unknown> | undefined;

  constructor(options: ConsumersOptions) {
    super();
    this.#options = options;
    const { connection, collectionName, slot } = options;
    const address = addressOf(options);
    const shared = {
      connection: address.connection,
      slot: resolveCaptureNames(address, slot === undefined ? {} : { slot }).slot,
      log: new ChangeLog(connection, collectionName),
      events: this,
      wakeup: this.#wakeup,
      pollMilliseconds: options.pollMilliseconds ?? 1_000,
      maxAttempts: options.maxAttempts ?? 5,
      onRejected: options.onRejected,
      onReplayed: options.onReplayed ?? (() => Promise.resolve()),
    };
    this.#runners = options.consumers.map((consumer) => new ConsumerRunner({ ...shared, consumer }));
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    const { capture } = this.#options;
    capture?.on('capture:advanced', this.#learn);
    for (const event of ['capture:started', 'capture:retrying', 'capture:failed'] as const)
      capture?.on(event, this.#forget);
    this.#running = Promise.all(this.#runners.map((runner) => runner.run(this.#stopping.signal)));
  }

  async stop(): Promise<void> {
    const { capture } = this.#options;
    capture?.off('capture:advanced', this.#learn);
    for (const event of ['capture:started', 'capture:retrying', 'capture:failed'] as const)
      capture?.off(event, this.#forget);
    this.#forget();
    this.#stopping.abort();
    await this.#running;
    this.#running = undefined;
  }

  status(): ConsumerStatus[] {
    return this.#runners.map((runner) => runner.status());
  }

  readonly #learn = ({ lsn, changes }: { lsn: string; changes: number }) => {
    this.#wakeup.storedLsn = lsn;
    if (changes > 0) this.#wakeup.call();
  };

  /** What capture knew ends with its stream: the next one may be of another slot. */
  readonly #forget = () => {
    this.#wakeup.storedLsn = undefined;
  };
}
