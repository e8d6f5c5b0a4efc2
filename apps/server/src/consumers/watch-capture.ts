import { watchSlot, type SlotWatch } from '@infratraq/capture';
import type { Postgres } from '@infratraq/postgres';
import type { Logger } from 'pino';

/** Tells operators when capture falls behind, or PostgreSQL is about to give up the log that it needs. */
export function watchCapture(postgres: Postgres, names: { readonly slot: string }, log: Logger): SlotWatch {
  const watch = watchSlot(postgres, names);
  watch.on('capture:lagging', ({ reasons, lag_bytes, wal_status }) =>
    log.error({ reasons, lag_bytes, wal_status }, 'change capture lags; see "infratraq capture status"'),
  );
  watch.on('capture:recovered', ({ lag_bytes }) => log.info({ lag_bytes }, 'change capture has caught up'));
  watch.on('watch:failed', ({ error }) => log.warn({ err: error }, 'the replication slot could not be read'));
  return watch;
}
