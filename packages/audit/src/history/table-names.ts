import type { Models } from '@infratraq/mongo';
import type { NamedStretch } from '../collections/entity-changelog.queries.js';
import { traceTable } from './trace-table.js';
import { namesIn } from './walk-log.js';

/** A name that a table had, until when. */
export interface FormerName {
  readonly entity_type: string;
  readonly until: Date;
}

/** What a table was called, and which changes under each name are its own. */
export interface TableNames {
  readonly stretches: readonly [NamedStretch, ...NamedStretch[]];
  /** Its former names, the last one first. */
  readonly alsoKnownAs: readonly FormerName[];
  /** Where the name has been lost: what the table is called since. */
  readonly renamedTo?: { readonly entity_type: string; readonly at: Date } | undefined;
}

/** Follows the table of a name back over all its names. */
export async function findTableNames(models: Models, entity_type: string): Promise<TableNames> {
  let traced = await traceTable(models, entity_type, { operations: ['RENAME'] });
  const lost = traced.names.length === 1 ? traced.endedBy : undefined;
  if (lost) traced = await traceTable(models, entity_type, { operations: ['RENAME'], before: lost._id });
  const renamedTo = lost && namesIn(lost).renamed_to;
  const [first, ...former] = traced.names.map(({ entity_type: name, since, until }, place): NamedStretch => {
    const after =
      since?._id ?? (place > 0 && place === traced.names.length - 1 ? traced.endedBy?._id : undefined);
    return {
      entity_type: name,
      ...(after !== undefined && { after }),
      ...(until && { before: until._id }),
    };
  });
  return {
    stretches: [first as NamedStretch, ...former],
    alsoKnownAs: traced.names.flatMap(({ entity_type: name, until }) =>
      until ? [{ entity_type: name, until: until.changed_at }] : [],
    ),
    ...(lost && renamedTo !== undefined && { renamedTo: { entity_type: renamedTo, at: lost.changed_at } }),
  };
}
