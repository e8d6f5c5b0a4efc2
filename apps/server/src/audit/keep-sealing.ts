import type { AuditSealer } from '@infratraq/audit';
import { repeat, type Defer } from '@infratraq/kernel';
import type { Platform } from '../platform/open-platform.js';

/** Seals the audit trail at the environment's interval. */
export function keepSealing(
  sealer: Pick<AuditSealer, 'seal'>,
  { environment, log }: Pick<Platform, 'environment' | 'log'>,
  defer: Defer,
): void {
  const seal = async () => {
    const seals = await sealer.seal();
    if (seals.length > 0) log.debug({ seals: seals.length }, 'the audit trail was sealed');
  };
  const sealing = repeat(seal, {
    everyMilliseconds: environment.AUDIT_SEAL_INTERVAL_SECONDS * 1_000,
    onError: (error) =>
      log.error(
        { err: error },
        'the audit trail could not be sealed; it is tried again at the next interval',
      ),
  });
  defer(() => sealing.stop());
}
