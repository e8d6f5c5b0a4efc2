import type { Defer } from '@infratraq/kernel';
import type { Logger } from 'pino';

const longestMilliseconds = 5_000;

/** Lets no part keep those that are closed after it from being closed: what takes too long is logged and left. */
export function boundClosing(defer: Defer, log: Logger): Defer {
  return (close) => defer(() => closeWithin(close, log));
}

async function closeWithin(close: () => unknown, log: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.error(
        { part: close.toString().slice(0, 100) },
        'a part of the server did not close in time and is left',
      );
      resolve();
    }, longestMilliseconds);
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
