import { repeat, type Defer } from '@infratraq/kernel';
import type { Logger } from 'pino';

const minute = 60_000;

/** Sends every minute the notifications that messages or comments still owe. */
export function keepAnnouncing(
  service: { announcePending(): Promise<number> },
  log: Pick<Logger, 'error'>,
  defer: Defer,
): void {
  const announcing = repeat(() => service.announcePending(), {
    everyMilliseconds: minute,
    onError: (error) => log.error({ err: error }, 'notifications'),
  });
  defer(() => announcing.stop());
}
