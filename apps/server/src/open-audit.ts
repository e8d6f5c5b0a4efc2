import { AuditHistory, AuditSealer, AuditVerifier, proveChange, publishToObjects } from '@infratraq/audit';
import { sealsUrlOf, type Environment } from '@infratraq/environment';
import type { Models } from '@infratraq/mongo';
import { openObjects } from '@infratraq/objects';
import { createAuditSealRepository, type Postgres } from '@infratraq/postgres';
import type { FastifyBaseLogger } from 'fastify';

/** What the audit trail stands on. */
export interface OpenAuditOptions {
  readonly environment: Environment;
  readonly models: Models;
  readonly postgres: Postgres;
  readonly log: FastifyBaseLogger;
}

export type Audit = Awaited<ReturnType<typeof openAudit>>;

/** Opens the audit trail, and seals it at the environment's interval. */
export async function openAudit({ environment, models, postgres, log }: OpenAuditOptions) {
  const keeper = createAuditSealRepository(postgres);
  const url = sealsUrlOf(environment);
  const objects = await openObjects(url);
  const publisher = publishToObjects(objects, url);
  const sealer = new AuditSealer({ models, keeper, publisher });

  let sealing: Promise<void> | undefined;
  const seal = async () => {
    try {
      const seals = await sealer.seal();
      if (seals.length > 0) log.debug({ seals: seals.length }, 'the audit trail was sealed');
    } catch (error) {
      log.error(
        { err: error },
        'the audit trail could not be sealed; it is tried again at the next interval',
      );
    } finally {
      sealing = undefined;
    }
  };
  const timer = setInterval(() => (sealing ??= seal()), environment.AUDIT_SEAL_INTERVAL_SECONDS * 1_000);
  timer.unref();
  return {
    history: new AuditHistory(models),
    verifier: new AuditVerifier({ models, keeper, publisher }),
    prove: (changeId: string) => proveChange(models, keeper, changeId),
    async close() {
      clearInterval(timer);
      await sealing;
      await objects.close();
    },
  };
}
