import { findIdsBesideText, type Models } from '@infratraq/mongo';
import { mongo } from 'mongoose';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { CapturedSources } from './captured-sources.js';
import type { Finding } from './findings.js';
import { readIds } from './read-changes.js';
import type { SealKeeper } from './seal-ports.js';

/** Most changes that are named; an attacker may have inserted millions. */
const mostNamed = 1_000;

/**
 * Finds documents of the changelog that no seal covers and that capture has not stored: under ids that are no text, and
 * behind the last seal under ids that capture never gives.
 */
export async function findForeignChanges(
  models: Models,
  keeper: Pick<SealKeeper, 'listSources'>,
  lastId: string | undefined,
): Promise<Finding[]> {
  const nameless = await findIdsBesideText(models.of(EntityChangelog), mostNamed);
  const found = nameless.map((id) =>
    inserted(mongo.BSON.EJSON.stringify(id), 'ids of captured changes are text'),
  );
  const sources = new CapturedSources(await keeper.listSources());
  const suspected: string[] = [];
  for await (const id of readIds(models, lastId)) {
    if (sources.findUnsealedFault(id) !== undefined) suspected.push(id);
    if (suspected.length === mostNamed) break;
  }
  if (suspected.length === 0) return found;
  // What is stored meanwhile may be of a place that the log had not come to before, or of a source made since.
  const now = new CapturedSources(await keeper.listSources());
  for (const id of suspected) {
    const fault = now.findUnsealedFault(id);
    if (fault !== undefined) found.push(inserted(id, fault));
  }
  return found;
}

const inserted = (change_id: string, reason: string): Finding => ({
  kind: 'change:inserted',
  change_id,
  detail: `capture has not stored it: ${reason}`,
});
