import type { EventEmitter } from 'node:events';
import { FaultSpells, type FaultSpell } from '../journal/fault-spell.js';
import type { RefusalSpell, WriterEvents, WriterLog } from './event-writer-types.js';

/** Tells once that events are refused and once how many were, however many there are. */
export class Refusals {
  readonly #spells = new FaultSpells();
  readonly #events: EventEmitter<WriterEvents>;
  readonly #log: WriterLog | undefined;
  #collections: Record<string, number> = {};

  constructor(events: EventEmitter<WriterEvents>, log: WriterLog | undefined) {
    this.#events = events;
    this.#log = log;
  }

  /** Counts a refused event. */
  add(collection: string): void {
    this.#collections[collection] = (this.#collections[collection] ?? 0) + 1;
    if (!this.#spells.fault()) return;
    const log = this.#log;
    const message = 'events are refused: neither memory nor the journal has room for them';
    if (log?.error) log.error({ collection }, message);
    else log?.warn({ collection }, message);
    // Listeners run apart from the caller of record.
    queueMicrotask(() => this.#events.emit('refusal:begun', { collection }));
  }

  /** Call it for every event that is taken. */
  endWhenQuiet(): void {
    const spell = this.#spells.success();
    if (spell) this.#tell(spell);
  }

  end(): void {
    const spell = this.#spells.end();
    if (spell) this.#tell(spell);
  }

  #tell({ faults, since, until }: FaultSpell): void {
    const spell: RefusalSpell = { refused: faults, collections: this.#collections, since, until };
    this.#collections = {};
    this.#log?.warn(spell, 'events are taken again; those that were refused are lost to this writer');
    queueMicrotask(() => this.#events.emit('refusal:ended', spell));
  }
}
