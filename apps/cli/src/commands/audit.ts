import {
  AuditVerifier,
  proveChange,
  publishToObjects,
  type Disclosure,
  type Finding,
} from '@infratraq/audit';
import { lateSealSecondsOf, readEnvironment, sealsUrlOf } from '@infratraq/environment';
import { InfratraqError, InvalidInputError } from '@infratraq/kernel';
import { openObjects } from '@infratraq/objects';
import { Command } from 'commander';
import { formatTable } from '../format-table.js';
import { addHistoryCommand } from './audit/history.js';
import { asPerson } from '../as-person.js';
import { withTrail } from './audit/open-trail.js';
import { addRestoreCommand } from './audit/restore.js';
import { addSensitiveCommands } from './audit/sensitive.js';

/** The audit trail is not as it was sealed. */
export class AuditFindingsError extends InfratraqError {
  constructor(findings: number) {
    super('audit.findings', `${findings} findings: the audit trail is not as it was sealed`);
  }
}

/** `infratraq audit`: the audit trail; it asks both databases and the published seals, not the server. */
export function auditCommand(source: NodeJS.ProcessEnv): Command {
  const command = new Command('audit').description('read, restore from, verify and prove the audit trail');
  command
    .command('verify')
    .description(
      'fail when a change was altered, removed or inserted after it was sealed, or sealing stands still',
    )
    .option('--after <sequence>', 'begin after this seal', '0')
    .option('--json', 'findings as JSON, one a line')
    .action(async ({ after, json }: { after: string; json?: boolean }) => {
      const findings = await withTrail(source, async ({ models, keeper, refused }) => {
        const environment = readEnvironment(source);
        const url = sealsUrlOf(environment);
        const objects = await openObjects(url);
        try {
          const verifier = new AuditVerifier({
            models,
            keeper,
            refused,
            publisher: publishToObjects(objects, url),
            lateSeconds: lateSealSecondsOf(environment),
          });
          return await verifyAll(verifier, readSequence(after), json ? writeJson : writeTable);
        } finally {
          await objects.close();
        }
      });
      if (findings > 0) throw new AuditFindingsError(findings);
    });
  command
    .command('prove <change>')
    .description('print a proof that a change is in the audit trail; check-audit-proof.mjs checks it')
    .option(
      '--unmasked',
      'also when the change holds sensitive values, which a proof cannot mask; it is recorded',
    )
    .option('--reason <text>', 'why the sensitive values have to be read')
    .option('--as <user>', 'who reads them; the user of this shell unless told')
    .action(async (change: string, { as, ...disclosure }: Disclosure & { as?: string }) => {
      const proof = await withTrail(source, ({ models, keeper, reader }) =>
        asPerson(as, () => proveChange(models, keeper, change, (values) => reader.admit(values, disclosure))),
      );
      process.stdout.write(`${JSON.stringify(proof, null, 2)}\n`);
    });
  addHistoryCommand(command, source);
  addRestoreCommand(command, source);
  addSensitiveCommands(command, source);
  return command;
}

function readSequence(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new InvalidInputError(`${text} is no seal's sequence: give a number from 0`);
  return Number(text);
}

async function verifyAll(
  verifier: AuditVerifier,
  after: number,
  write: (findings: readonly Finding[]) => void,
): Promise<number> {
  let [seals, changes, archived, refused, waiting, unsealed, findings] = [0, 0, 0, 0, 0, 0, 0];
  for (let next: number | null = after; next !== null;) {
    const part = await verifier.verify({ after: next });
    write(part.findings);
    seals += part.seals;
    changes += part.changes;
    archived += part.archived;
    refused += part.refused;
    waiting += part.waiting;
    unsealed = part.unsealed_seconds ?? 0;
    findings += part.findings.length;
    next = part.next;
  }
  process.stderr.write(
    `${seals} seals, ${changes} changes as they were sealed, ${archived} in the archive, ${refused} refused by the changelog, ${waiting} seals to be published, oldest change without a seal ${Math.round(unsealed)} s, ${findings} findings\n`,
  );
  return findings;
}

function writeJson(findings: readonly Finding[]): void {
  for (const finding of findings) process.stdout.write(`${JSON.stringify(finding)}\n`);
}

function writeTable(findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  process.stdout.write(
    formatTable([
      ['FINDING', 'SEAL', 'CHANGE', 'DETAIL'],
      ...findings.map(({ kind, sequence, change_id = '-', detail }) => [
        kind,
        String(sequence ?? '-'),
        change_id,
        detail,
      ]),
    ]),
  );
}
