/** How fast to begin what, and for how long. */
export interface WorkPace {
  /** Pieces of work to begin per second. */
  readonly rate: number;
  readonly seconds: number;
  /** Ends the work before its time. */
  readonly signal: AbortSignal;
  /**
   * Pieces that may be under way at once; those that are due then begin later, as fast as others end.
   * @default 64
   */
  readonly atOnce?: number;
}

/**
 * Begins work at an even rate by the clock, however long each piece takes: what was late is caught up with. Resolves once
 * the time is over and all work is done.
 *
 * @throws what the first failing piece throws; no other begins after it
 */
export async function workAtRate(
  begin: (place: number) => Promise<unknown>,
  { rate, seconds, signal, atOnce = 64 }: WorkPace,
): Promise<void> {
  const total = Math.round(rate * seconds);
  const begunAt = performance.now();
  const underWay = new Set<Promise<unknown>>();
  const failing = new AbortController();
  const ending = AbortSignal.any([signal, failing.signal]);
  for (let place = 0; place < total && !ending.aborted; place += 1) {
    await waitUntil(begunAt + (place * 1_000) / rate, ending);
    while (underWay.size >= atOnce) await Promise.race(underWay);
    // A server that is slower than was asked for is not driven beyond the time.
    if (ending.aborted || performance.now() >= begunAt + seconds * 1_000) break;
    const piece: Promise<unknown> = begin(place)
      .then(undefined, (error: unknown) => failing.abort(error))
      .finally(() => underWay.delete(piece));
    underWay.add(piece);
  }
  await Promise.all(underWay);
  failing.signal.throwIfAborted();
}

function waitUntil(time: number, signal: AbortSignal): Promise<void> {
  const milliseconds = time - performance.now();
  if (milliseconds <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener('abort', finish, { once: true });
  });
}
