import type { CaptureSource } from './seal-ports.js';

/** `<source>:<commit position>:<place in the transaction>`, as capture writes the ids of changes. */
const idShape = /^(.+):([0-9a-f]{16}):[0-9a-f]{8}$/;

/** Tells which ids capture can have given. */
export class CapturedSources {
  readonly #sources: ReadonlyMap<string, CaptureSource>;

  constructor(sources: readonly CaptureSource[]) {
    this.#sources = new Map(sources.map((one) => [one.source, one]));
  }

  /** Why capture can not have given a change this id; undefined when it can. */
  findFault(id: string): string | undefined {
    const [, name] = idShape.exec(id) ?? [];
    if (name === undefined) return 'no change that was captured has such an id';
    return this.#sources.has(name) ? undefined : `nothing was ever captured from ${name}`;
  }

  /** The same of a change that no seal covers: of the log that is yet to be written, nothing can be captured. */
  findUnsealedFault(id: string): string | undefined {
    const fault = this.findFault(id);
    if (fault !== undefined) return fault;
    const [, name = '', position = ''] = idShape.exec(id) ?? [];
    const { written } = this.#sources.get(name) ?? {};
    if (written === undefined || position <= written) return undefined;
    return 'it is from a place in the log that PostgreSQL has not come to';
  }
}
