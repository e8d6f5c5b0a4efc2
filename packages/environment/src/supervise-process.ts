/** How a process ends in order. */
export interface SupervisedProcess {
  /** Logs why the process ends. */
  readonly onFatal: (error: unknown, what: string) => void;
  /** Finishes what is at hand and closes everything. */
  readonly close: (reason: 'signal' | 'fault') => Promise<void>;
  /**
   * Longest that closing may take; the process ends then all the same, with status 1.
   * @default 20_000
   */
  readonly closeMilliseconds?: number;
}

const signals = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Ends this process in order: after SIGINT or SIGTERM with status 0; after an error that nothing has caught with status
 * 1, for then nobody knows what still holds. A second signal ends it at once.
 */
export function superviseProcess(options: SupervisedProcess): void {
  const { onFatal, close, closeMilliseconds = 20_000 } = options;
  let closing = false;
  const end = (status: number, reason: 'signal' | 'fault'): void => {
    if (closing) return;
    closing = true;
    setTimeout(() => {
      onFatal(undefined, `the process did not close within ${closeMilliseconds} ms`);
      process.exit(1);
    }, closeMilliseconds).unref();
    close(reason).then(
      () => process.exit(status),
      (error: unknown) => {
        onFatal(error, 'the process did not close cleanly');
        process.exit(1);
      },
    );
  };
  for (const [signal, status] of Object.entries(signals))
    process.on(signal, () => (closing ? process.exit(status) : end(0, 'signal')));
  process.on('uncaughtException', (error, origin) => {
    onFatal(error, `the process ends, because an error was caught by nothing (${origin})`);
    end(1, 'fault');
  });
  process.on('unhandledRejection', (reason) => {
    onFatal(reason, 'the process ends, because a promise failed and nothing waited for it');
    end(1, 'fault');
  });
}
