/** A task that runs again and again until it is stopped. */
export interface Repetition {
  /** Runs the task once more without waiting for the interval: now, or after the run that is under way. */
  run(): void;
  /** Lets no run begin any more; resolves once the one that is under way is over. */
  stop(): Promise<void>;
}

export interface RepeatOptions {
  /** Time between the beginnings of two runs, in milliseconds; one that takes longer makes the next ones wait. */
  readonly everyMilliseconds: number;
  /** Whether the first run begins at once, and not after the first interval. */
  readonly atOnce?: boolean;
  /** Told what a run has failed with; the task runs again at the next interval all the same. */
  readonly onError: (error: unknown) => void;
}

/** Runs a task at an interval, never twice at once. It keeps no process alive. */
export function repeat(
  task: () => Promise<unknown>,
  { everyMilliseconds, atOnce = false, onError }: RepeatOptions,
): Repetition {
  let running: Promise<void> | undefined;
  let isDueAgain = false;
  let stopped = false;
  const run = async () => {
    try {
      do {
        isDueAgain = false;
        await task().catch(onError);
      } while (isDueAgain && !stopped);
    } finally {
      running = undefined;
    }
  };
  const begin = () => {
    if (!stopped) running ??= run();
  };
  const timer = setInterval(begin, everyMilliseconds);
  timer.unref();
  if (atOnce) begin();
  return {
    run() {
      if (running === undefined) begin();
      else isDueAgain = true;
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
