import { watchSealing, type SealingTrail } from '@infratraq/audit';
import { lateSealSecondsOf } from '@infratraq/environment';
import type { Defer } from '@infratraq/kernel';
import { measureDurations } from '@infratraq/observability';
import type { Platform } from '../platform/platform.js';

/** Measures how long changes wait for their seal, and logs an error when one waits too long. */
export function watchAuditSeals(
  trail: SealingTrail,
  {
    environment,
    events,
    log,
    instance,
  }: Pick<Platform, 'environment' | 'events' | 'log'> & { instance: string },
  defer: Defer,
): void {
  const meter = measureDurations({
    events,
    metric: 'audit.unsealed',
    service: 'server',
    instance,
    windowSeconds: environment.METRICS_WINDOW_SECONDS,
  });
  defer(() => meter.close());
  const lateSeconds = lateSealSecondsOf(environment);
  const watch = watchSealing({
    ...trail,
    lateSeconds,
    intervalMilliseconds: Math.min(15, environment.AUDIT_SEAL_INTERVAL_SECONDS) * 1_000,
  });
  defer(() => watch.stop());
  watch.on('sealing:measured', ({ unsealed_seconds }) =>
    meter.add('entity_changelog', unsealed_seconds * 1_000, unsealed_seconds > lateSeconds),
  );
  watch.on('sealing:stalled', (reading) =>
    log.error(reading, 'sealing of the audit trail stands still; see "infratraq audit verify"'),
  );
  watch.on('sealing:recovered', (reading) => log.info(reading, 'the audit trail is sealed again'));
  watch.on('watch:failed', ({ error }) => log.warn({ err: error }, 'sealing could not be measured'));
}
