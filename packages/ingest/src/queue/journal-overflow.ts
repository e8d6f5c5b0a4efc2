import type { RecordedEvent } from './recorded-event.js';
import type { Journal } from '../journal/journal.js';
import type { SegmentRange } from '../journal/segment.js';

const savedAtOnce = 4_096;

/** One collection's part of the journal; without a journal it takes nothing. */
export class JournalOverflow {
  readonly #journal: Journal | undefined;
  readonly #name: string;
  readonly #lane: Buffer;
  /** Events that are on disk only, all of them younger than those in memory. */
  readonly #parked: SegmentRange[];
  #parkedCount = 0;
  #saving: RecordedEvent[] | undefined;
  /** Whether what is parked next belongs to the last range: nothing else of this lane came in between. */
  #isRangeOpen = false;
  journaledCount = 0;
  lostCount = 0;

  constructor(journal: Journal | undefined, name: string) {
    this.#journal = journal;
    this.#name = name;
    this.#lane = Buffer.from(name);
    this.#parked = journal?.claimRecovered(name) ?? [];
    for (const { count } of this.#parked) this.#parkedCount += count;
  }

  get parkedCount(): number {
    return this.#parkedCount;
  }

  isHealthy(): boolean {
    return this.#journal?.isHealthy() ?? true;
  }

  /** Writes an event that memory keeps as well. */
  keep(event: RecordedEvent): boolean {
    return this.#append([event]) === 1;
  }

  /** Writes an event that memory has no room for. */
  park(event: RecordedEvent): boolean {
    // Older ones go first.
    if (this.#saving) this.#append(this.#takeUnsaved(this.#saving.length));
    this.#saving = undefined;
    const place = this.#journal?.appendOne(this.#lane, event);
    if (!place) return false;
    this.journaledCount += 1;
    this.#parkedCount += 1;
    const last = this.#parked.at(-1);
    if (this.#isRangeOpen && last?.segment === place.segment) {
      last.to = place.to;
      last.count += 1;
    } else this.#parked.push(place);
    this.#isRangeOpen = true;
    return true;
  }

  /** Reads the oldest parked events back; `lost` counts those that the disk no longer gives back. */
  unpark(): { events: readonly RecordedEvent[]; lost: number } {
    const [range] = this.#parked;
    if (!range || !this.#journal) return { events: [], lost: 0 };
    const { events, lost } = this.#journal.read(range, this.#name);
    this.#parkedCount -= events.length + lost;
    this.lostCount += lost;
    if (range.count <= 0) this.#parked.shift();
    return { events, lost };
  }

  /**
   * Writes what memory alone holds, in slices so that others get their turn, for as long as `isNeeded` says so. What
   * comes meanwhile goes in behind it, so that the journal has the events in their order.
   */
  save(events: RecordedEvent[], isNeeded: () => boolean): void {
    if (!this.#journal || this.#saving) return;
    this.#saving = events;
    this.#saveSlice(isNeeded);
  }

  /** Writes an event in its turn while the database is away; memory keeps it whatever comes of that. */
  keepInTurn(event: RecordedEvent): void {
    if (this.#saving) this.#saving.push(event);
    else this.keep(event);
  }

  /** Writes all of these that are not on disk yet; answers how many are then. */
  saveRest(events: readonly RecordedEvent[]): number {
    const unsaved = events.filter(({ segment }) => !segment);
    return events.length - unsaved.length + this.#append(unsaved);
  }

  settle({ segment }: RecordedEvent): void {
    if (segment) this.#journal?.settle(segment);
  }

  #saveSlice(isNeeded: () => boolean): void {
    const slice = this.#takeUnsaved(savedAtOnce);
    const saved = isNeeded() ? this.#append(slice) : 0;
    if (saved < slice.length || !this.#saving || this.#saving.length === 0) this.#saving = undefined;
    else setImmediate(() => this.#saveSlice(isNeeded));
  }

  #takeUnsaved(count: number): RecordedEvent[] {
    const slice = this.#saving?.splice(0, count) ?? [];
    return slice.filter(({ segment, isSettled }) => !segment && !isSettled);
  }

  #append(events: readonly RecordedEvent[]): number {
    this.#isRangeOpen = false;
    const taken = this.#journal?.append(this.#lane, events) ?? 0;
    this.journaledCount += taken;
    return taken;
  }
}
