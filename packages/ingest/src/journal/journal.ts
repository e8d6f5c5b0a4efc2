import { mkdirSync, renameSync, truncateSync, unlinkSync } from 'node:fs';
import { explainDiskFault, InfratraqError } from '@infratraq/kernel';
import type { RecordedEvent } from '../queue/recorded-event.js';
import { FaultSpells, type FaultSpell } from './fault-spell.js';
import { lockJournal, type JournalLock } from './lock-journal.js';
import { frameBytes, writeFrame } from './frame.js';
import type { JournalFault, JournalMetrics, JournalOptions } from './journal-options.js';
import { OpenSegment } from './open-segment.js';
import { readRange } from './read-range.js';
import { listSegments, scanSegment, segmentMark, type Segment, type SegmentRange } from './segment.js';

const waitAfterFailureMilliseconds = 100;
const scratchBytes = 256 * 1024;

/** Events on disk: append-only, checksummed, in segments that go when everything in them is stored. */
export class Journal {
  readonly #options: Required<Omit<JournalOptions, keyof JournalLock>>;
  readonly #lock: JournalLock;
  readonly #writeFaults = new FaultSpells();
  readonly #segments = new Set<Segment>();
  readonly #recovered = new Map<string, SegmentRange[]>();
  readonly #counts = {
    appended: 0,
    recovered: 0,
    writeFailures: 0,
    syncFailures: 0,
    damagedSegments: 0,
    tornBytes: 0,
  };
  #scratch = Buffer.allocUnsafeSlow(scratchBytes);
  #active: OpenSegment | undefined;
  #lastNumber = 0;
  #bytes = 0;
  #retryAt = 0;

  /**
   * Opens a folder: cuts a torn tail off, marks damaged segments, and finds what an earlier process has left.
   * @throws JournalInUseError when another process owns the folder
   */
  constructor(options: JournalOptions) {
    const maximumBytes = options.maximumBytes ?? 1024 ** 3;
    const segmentBytes = Math.min(options.segmentBytes ?? 8 * 1024 * 1024, Math.ceil(maximumBytes / 4));
    const { folder, onFault = () => undefined, onRecovered = () => undefined } = options;
    const { syncIntervalMilliseconds = 1_000 } = options;
    this.#options = { folder, onFault, onRecovered, syncIntervalMilliseconds, maximumBytes, segmentBytes };
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const { unlock, isHeld = () => true } = options;
      this.#lock = unlock ? { unlock, isHeld } : lockJournal(folder);
      const found = listSegments(folder);
      for (const [place, one] of found.entries()) this.#recover(one, place === found.length - 1);
    } catch (error) {
      throw explainDiskFault(error, folder);
    }
  }

  /** Takes the ranges that an earlier process left for a lane; they are its caller's to settle. */
  claimRecovered(lane: string): SegmentRange[] {
    const ranges = this.#recovered.get(lane) ?? [];
    this.#recovered.delete(lane);
    return ranges;
  }

  /** Lanes that hold events of an earlier process which nobody has claimed. */
  unclaimedLanes(): string[] {
    return [...this.#recovered.keys()];
  }

  /**
   * Appends events from place `from` on and marks each with its segment; answers how many it took. What it took has
   * reached the operating system: it survives this process however that ends.
   */
  append(lane: Buffer, events: readonly RecordedEvent[], from = 0): number {
    if (this.#retryAt > 0 && Date.now() < this.#retryAt) return 0;
    let place = from;
    try {
      if (!this.#lock.isHeld()) throw this.#takenOver();
      for (let taken = 1; taken > 0 && place < events.length; place += taken)
        taken = this.#appendSome(lane, events, place);
      this.#retryAt = 0;
      this.#tellRecovery(this.#writeFaults.success());
    } catch (error) {
      this.#counts.writeFailures += 1;
      this.#retryAt = Date.now() + waitAfterFailureMilliseconds;
      if (this.#writeFaults.fault()) this.#reportFailedWrite(error);
    }
    return place - from;
  }

  /** Appends one event and answers where it is; undefined when the disk or its budget has no room. */
  appendOne(lane: Buffer, event: RecordedEvent): SegmentRange | undefined {
    if (this.append(lane, [event]) === 0) return undefined;
    const segment = event.segment as Segment;
    const bytes = frameBytes(lane, event.end - event.start);
    return { segment, from: segment.bytes - bytes, to: segment.bytes, count: 1 };
  }

  /** Whether the last write succeeded. */
  isHealthy(): boolean {
    return this.#retryAt === 0;
  }

  /** Reads the first events of a range and advances it; what the disk cannot give back any more is reported and given up. */
  read(range: SegmentRange, lane: string): { events: RecordedEvent[]; lost: number } {
    const events = this.#tryRead(range, lane);
    if (events.length > 0 || range.count === 0) return { events, lost: 0 };
    const lost = range.count;
    this.#markDamaged(range.segment, range.to - range.from);
    range.count = 0;
    this.settle(range.segment, lost);
    return { events, lost };
  }

  /** Says that events of a segment are stored, or never will be. */
  settle(segment: Segment, count = 1): void {
    segment.pending -= count;
    if (segment.pending > 0) return;
    if (segment !== this.#active?.segment) this.#remove(segment);
    else if (segment.bytes > this.#options.segmentBytes / 2 || !this.isHealthy()) {
      // On a full disk, its room is what the next events need.
      this.#bytes -= segment.bytes - segmentMark.length;
      this.#active.empty();
    }
  }

  metrics(): JournalMetrics {
    const { maximumBytes } = this.#options;
    return { bytes: this.#bytes, maximumBytes, segments: this.#segments.size, ...this.#counts };
  }

  /** Forces everything onto the device and gives the folder up; what is not settled stays for the next owner. */
  close(): void {
    const active = this.#active;
    this.#active = undefined;
    active?.close();
    if (active && active.segment.pending <= 0) this.#remove(active.segment);
    this.#lock.unlock();
  }

  #appendSome(lane: Buffer, events: readonly RecordedEvent[], from: number): number {
    const first = events[from] as RecordedEvent;
    const firstBytes = frameBytes(lane, first.end - first.start);
    const active = this.#provideSegment(firstBytes);
    if (!active) return 0;
    if (firstBytes > this.#scratch.length) this.#scratch = Buffer.allocUnsafeSlow(firstBytes);
    const room = Math.min(this.#scratch.length, this.#options.maximumBytes - this.#bytes);
    let end = 0;
    let place = from;
    for (; place < events.length; place += 1) {
      const event = events[place] as RecordedEvent;
      if (end + frameBytes(lane, event.end - event.start) > room) break;
      end = writeFrame(this.#scratch, end, lane, event);
    }
    active.append(this.#scratch, end);
    this.#bytes += end;
    const count = place - from;
    active.segment.pending += count;
    this.#counts.appended += count;
    for (let marked = from; marked < place; marked += 1)
      (events[marked] as RecordedEvent).segment = active.segment;
    return count;
  }

  /** The segment to append so many bytes to; undefined when the budget is used up. */
  #provideSegment(bytes: number): OpenSegment | undefined {
    const { folder, maximumBytes, segmentBytes, syncIntervalMilliseconds } = this.#options;
    const active = this.#active;
    const fits = active?.isUsable && active.segment.bytes < segmentBytes;
    if (this.#bytes + bytes + (fits ? 0 : segmentMark.length) > maximumBytes) return undefined;
    if (active && fits) return active;
    if (active) {
      this.#active = undefined;
      active.seal();
      if (active.segment.pending <= 0) this.#remove(active.segment);
    }
    this.#lastNumber += 1;
    const next = new OpenSegment(folder, this.#lastNumber, {
      syncIntervalMilliseconds,
      onSyncFault: (path, error) => {
        this.#counts.syncFailures += 1;
        this.#report({ kind: 'sync-failed', path, error });
      },
    });
    this.#segments.add(next.segment);
    this.#bytes += segmentMark.length;
    this.#active = next;
    return next;
  }

  #recover(found: { number: number; path: string }, isLast: boolean): void {
    this.#lastNumber = Math.max(this.#lastNumber, found.number);
    const { segment, ranges, unreadableBytes } = scanSegment(found);
    this.#segments.add(segment);
    this.#bytes += segment.bytes + (isLast ? 0 : unreadableBytes);
    if (unreadableBytes > 0 && isLast) {
      this.#counts.tornBytes += unreadableBytes;
      truncateSync(segment.path, segment.bytes);
      this.#report({ kind: 'torn-tail', path: segment.path, bytes: unreadableBytes });
    } else if (unreadableBytes > 0) this.#markDamaged(segment, unreadableBytes);
    for (const [lane, range] of ranges) {
      this.#counts.recovered += range.count;
      this.#recovered.set(lane, [...(this.#recovered.get(lane) ?? []), range]);
    }
    if (segment.pending === 0) this.#remove(segment);
  }

  #tryRead(range: SegmentRange, lane: string): RecordedEvent[] {
    try {
      return readRange(range, lane);
    } catch (error) {
      this.#report({ kind: 'damaged-segment', path: range.segment.path, error });
      return [];
    }
  }

  #markDamaged(segment: Segment, bytes: number): void {
    if (!segment.damaged) this.#counts.damagedSegments += 1;
    segment.damaged = true;
    this.#report({ kind: 'damaged-segment', path: segment.path, bytes });
  }

  #remove(segment: Segment): void {
    if (!this.#segments.delete(segment)) return;
    this.#bytes -= segment.bytes;
    // Its new owner reads it, and knows its events by their ids.
    if (!this.#lock.isHeld()) return;
    try {
      // Somebody may want to look at what could not be read.
      if (segment.damaged) renameSync(segment.path, `${segment.path}.damaged`);
      else unlinkSync(segment.path);
    } catch (error) {
      // It is found again at the next start, and its events are known by their ids then.
      this.#report({ kind: 'write-failed', path: segment.path, error });
    }
  }

  #takenOver(): InfratraqError {
    const { folder } = this.#options;
    return new InfratraqError(
      'journal.taken-over',
      `Another machine has taken over the journal in ${folder} while this process stood still; restart this process`,
      { status: 503 },
    );
  }

  #reportFailedWrite(error: unknown): void {
    const { folder } = this.#options;
    const kind = this.#lock.isHeld() ? 'write-failed' : 'taken-over';
    const path = this.#active?.segment.path ?? folder;
    this.#report({ kind, path, error: explainDiskFault(error, path) });
  }

  #tellRecovery(spell: FaultSpell | undefined): void {
    const { folder, onRecovered } = this.#options;
    if (spell) queueMicrotask(() => onRecovered({ path: folder, ...spell }));
  }

  #report(fault: JournalFault): void {
    queueMicrotask(() => this.#options.onFault(fault));
  }
}
