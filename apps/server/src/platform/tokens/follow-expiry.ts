import type { Authenticate } from '@infratraq/transport';

type OnEnd = NonNullable<Awaited<ReturnType<Authenticate>>['onEnd']>;

/** Timers of Node.js take no more. */
const longestTimerMilliseconds = 2 ** 31 - 1;

/** Follows when a token ends that expires at this Unix time in seconds. */
export function followExpiry(seconds: number): OnEnd {
  return (listener) => {
    let timer: NodeJS.Timeout | undefined;
    const wait = (): void => {
      const left = seconds * 1_000 - Date.now();
      if (left <= 0) return listener();
      timer = setTimeout(wait, Math.min(left, longestTimerMilliseconds)).unref();
    };
    wait();
    return () => clearTimeout(timer);
  };
}
