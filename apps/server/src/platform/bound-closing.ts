import type { Defer } from '@infratraq/kernel';
import type { Logger } from 'pino';

const longestMilliseconds = 5_000;
/** Orchestrators kill a process soon after they have asked it to end: Docker after ten seconds. */
const longestTogetherMilliseconds = 4_000;
/** What a part gets when others have used up the time. */
const leastMilliseconds = 250;

/** Takes down how parts are closed, each within a time. */
export interface BoundClosing {
  readonly defer: Defer;
  /** For a part that keeps what would be lost: it has its whole time, however long others took. */
  readonly deferKeeping: Defer;
}

/** Lets no part keep those that are closed after it from being closed: what takes too long is logged and left. */
export function boundClosing(defer: Defer, log: Pick<Logger, 'error'>): BoundClosing {
  let used = 0;
  return {
    defer: (close) =>
      defer(async () => {
        const left = Math.max(leastMilliseconds, longestTogetherMilliseconds - used);
        const begun = performance.now();
        await closeWithin(close, Math.min(longestMilliseconds, left), log);
        used += performance.now() - begun;
      }),
    deferKeeping: (close) => defer(() => closeWithin(close, longestMilliseconds, log)),
  };
}

async function closeWithin(
  close: () => unknown,
  milliseconds: number,
  log: Pick<Logger, 'error'>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.error(
        { part: close.toString().slice(0, 100) },
        'a part of the server did not close in time and is left',
      );
      resolve();
    }, milliseconds);
  });
  const closing = (async () => void (await close()))();
  // Left behind, it may still fail.
  closing.catch(() => undefined);
  try {
    await Promise.race([closing, late]);
  } finally {
    clearTimeout(timer);
  }
}
