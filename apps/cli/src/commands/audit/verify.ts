import { AuditVerifier, publishToObjects, type Finding, type Verification } from '@infratraq/audit';
import { lateSealSecondsOf, readEnvironment, sealsUrlOf } from '@infratraq/environment';
import { InfratraqError, InvalidInputError } from '@infratraq/kernel';
import { openObjects } from '@infratraq/objects';
import type { Command } from 'commander';
import { formatTable } from '../../output/format-table.js';
import { jsonOption, print } from '../../output/print.js';
import { withTrail } from './open-trail.js';

/** The audit trail is not as it was sealed. */
class AuditFindingsError extends InfratraqError {
  constructor(findings: number) {
    super('audit.findings', `${findings} findings: the audit trail is not as it was sealed`);
  }
}

/** Adds `verify`: checks the trail against its seals. */
export function addVerifyCommand(command: Command, source: NodeJS.ProcessEnv): void {
  command
    .command('verify')
    .description(
      'fail when a change was altered, removed or inserted after it was sealed, or sealing stands still',
    )
    .option('--after <sequence>', 'begin after this seal', '0')
    .option(...jsonOption)
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
          return await verifyAll(verifier, readSequence(after), json);
        } finally {
          await objects.close();
        }
      });
      if (findings > 0) throw new AuditFindingsError(findings);
    });
}

function readSequence(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new InvalidInputError(`${text} is no seal's sequence: give a number from 0`);
  return Number(text);
}

type Summary = Record<'seals' | 'changes' | 'archived' | 'refused' | 'waiting' | 'unsealed_seconds', number>;

/** Prints findings, then their summary; answers how many there are. */
async function verifyAll(verifier: AuditVerifier, after: number, json: boolean | undefined): Promise<number> {
  const sum: Summary = { seals: 0, changes: 0, archived: 0, refused: 0, waiting: 0, unsealed_seconds: 0 };
  const findings: Finding[] = [];
  for (let next: number | null = after; next !== null;) {
    const part: Verification = await verifier.verify({ after: next });
    findings.push(...part.findings);
    for (const name of ['seals', 'changes', 'archived', 'refused', 'waiting'] as const)
      sum[name] += part[name];
    sum.unsealed_seconds = part.unsealed_seconds ?? 0;
    next = part.next;
  }
  print({ ...sum, findings }, json, () => layOut(findings) + describe(sum, findings.length));
  return findings.length;
}

function describe(sum: Summary, findings: number): string {
  const { seals, changes, archived, refused, waiting, unsealed_seconds } = sum;
  return `${seals} seals, ${changes} changes as they were sealed, ${archived} in the archive, ${refused} refused by the changelog, ${waiting} seals to be published, oldest change without a seal ${Math.round(unsealed_seconds)} s, ${findings} findings\n`;
}

function layOut(findings: readonly Finding[]): string {
  if (findings.length === 0) return '';
  return formatTable([
    ['FINDING', 'SEAL', 'CHANGE', 'DETAIL'],
    ...findings.map(({ kind, sequence, change_id = '-', detail }) => [
      kind,
      String(sequence ?? '-'),
      change_id,
      detail,
    ]),
  ]);
}
