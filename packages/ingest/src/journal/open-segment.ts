import { closeSync, fdatasync, fdatasyncSync, close, ftruncateSync } from 'node:fs';
import { createSegment, segmentMark, writeAll, type Segment } from './segment.js';

/** How a segment that is being written is forced onto the device. */
export interface SyncOptions {
  /** 0 forces each append before it returns. */
  readonly syncIntervalMilliseconds: number;
  readonly onSyncFault: (path: string, error: unknown) => void;
}

/** The segment at the journal's end, open for appending. */
export class OpenSegment {
  readonly segment: Segment;
  readonly #file: number;
  readonly #options: SyncOptions;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** False once its end could not be repaired after a failed write; what it holds stays readable. */
  isUsable = true;

  constructor(folder: string, number: number, options: SyncOptions) {
    const { segment, file } = createSegment(folder, number);
    this.segment = segment;
    this.#file = file;
    this.#options = options;
  }

  /** Appends whole frames, all of them or none. */
  append(frames: Buffer, length: number): void {
    try {
      writeAll(this.#file, frames, length, this.segment.bytes);
      if (this.#options.syncIntervalMilliseconds === 0) fdatasyncSync(this.#file);
    } catch (error) {
      this.#cutBack();
      throw error;
    }
    this.segment.bytes += length;
    if (this.#options.syncIntervalMilliseconds > 0) this.#timer ??= this.#syncLater();
  }

  /** Forgets its content, which is settled. */
  empty(): void {
    this.segment.bytes = segmentMark.length;
    this.#cutBack();
  }

  /** Ends appending without making anybody wait for the device. */
  seal(): void {
    this.#end();
    fdatasync(this.#file, (error) => {
      if (error) this.#options.onSyncFault(this.segment.path, error);
      close(this.#file);
    });
  }

  /** Ends appending, once the content is on the device. */
  close(): void {
    this.#end();
    try {
      if (this.segment.pending > 0) fdatasyncSync(this.#file);
    } catch (error) {
      this.#options.onSyncFault(this.segment.path, error);
    }
    closeSync(this.#file);
  }

  #end(): void {
    this.#isClosed = true;
    this.isUsable = false;
    clearTimeout(this.#timer);
  }

  #syncLater(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined;
      if (this.#isClosed) return;
      fdatasync(this.#file, (error) => {
        if (error && !this.#isClosed) this.#options.onSyncFault(this.segment.path, error);
      });
    }, this.#options.syncIntervalMilliseconds).unref();
  }

  #cutBack(): void {
    try {
      ftruncateSync(this.#file, this.segment.bytes);
    } catch {
      // Its end may hold half a frame, which a reader recognises; nothing may be appended behind that.
      this.isUsable = false;
    }
  }
}
