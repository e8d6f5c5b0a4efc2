import { watchSlot } from '@infratraq/capture';
import type { Defer } from '@infratraq/kernel';
import type { Platform } from '../platform/platform.js';

/** Logs an error when capture falls behind, or when PostgreSQL is about to remove log that capture still needs. */
export function watchCapture(
  { postgres, log }: Pick<Platform, 'postgres' | 'log'>,
  slot: string,
  defer: Defer,
): void {
  const watch = watchSlot(postgres, { slot });
  watch.on('capture:lagging', ({ reasons, lag_bytes, wal_status }) =>
    log.error({ reasons, lag_bytes, wal_status }, 'change capture lags; see "infratraq capture status"'),
  );
  watch.on('capture:recovered', ({ lag_bytes }) => log.info({ lag_bytes }, 'change capture has caught up'));
  watch.on('watch:failed', ({ error }) => log.warn({ err: error }, 'the replication slot could not be read'));
  defer(() => watch.stop());
}
