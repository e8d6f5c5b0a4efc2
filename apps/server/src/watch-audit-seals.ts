import { watchSealing, type SealingTrail, type SealingWatch } from '@infratraq/audit';
import { lateSealSecondsOf, type Environment } from '@infratraq/environment';
import type { EventRecorder } from '@infratraq/kernel';
import { measureDurations } from '@infratraq/observability';
import type { FastifyBaseLogger } from 'fastify';
import { hostname } from 'node:os';

/** What sealing is watched with. */
export interface WatchAuditSealsOptions {
  readonly environment: Environment;
  readonly trail: SealingTrail;
  readonly events: EventRecorder;
  readonly log: FastifyBaseLogger;
}

/** Tells operators when changes wait too long for their seal, and measures how long they do. */
export function watchAuditSeals({
  environment,
  trail,
  events,
  log,
}: WatchAuditSealsOptions): Pick<SealingWatch, 'stop'> {
  const meter = measureDurations({
    events,
    metric: 'audit.unsealed',
    service: 'server',
    instance: `${hostname()}:${process.pid}`,
    windowSeconds: environment.METRICS_WINDOW_SECONDS,
  });
  const lateSeconds = lateSealSecondsOf(environment);
  const watch = watchSealing({
    ...trail,
    lateSeconds,
    intervalMilliseconds: Math.min(15, environment.AUDIT_SEAL_INTERVAL_SECONDS) * 1_000,
  });
  watch.on('sealing:measured', ({ unsealed_seconds }) =>
    meter.add('entity_changelog', unsealed_seconds * 1_000, unsealed_seconds > lateSeconds),
  );
  watch.on('sealing:stalled', (reading) =>
    log.error(reading, 'sealing of the audit trail stands still; see "infratraq audit verify"'),
  );
  watch.on('sealing:recovered', (reading) => log.info(reading, 'the audit trail is sealed again'));
  watch.on('watch:failed', ({ error }) => log.warn({ err: error }, 'sealing could not be measured'));
  return {
    async stop() {
      await watch.stop();
      meter.close();
    },
  };
}
