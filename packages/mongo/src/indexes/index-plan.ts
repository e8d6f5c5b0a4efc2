import { createHash } from 'node:crypto';
import type { IndexSpecification } from '@infratraq/kernel';

/** An index as the database has it. */
export interface LiveIndex {
  readonly name: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly unique?: boolean;
  readonly sparse?: boolean;
  readonly collation?: Readonly<Record<string, unknown>>;
  readonly expireAfterSeconds?: number;
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>;
  readonly weights?: Readonly<Record<string, number>>;
}

/** One step of an index plan; plain data, so that it prints and travels. */
export type IndexAction =
  | { readonly kind: 'create'; readonly collection: string; readonly index: IndexSpecification }
  | {
      /** The life of documents changes; the index stays. */
      readonly kind: 'modify-ttl';
      readonly collection: string;
      readonly index: IndexSpecification;
      /** The index's name in the database. */
      readonly name: string;
      /** Undefined where the index let nothing expire. */
      readonly fromSeconds: number | undefined;
      readonly toSeconds: number;
    }
  | {
      /** Dropped before it is built: the server allows no second one beside it. Only when undeclared ones are dropped. */
      readonly kind: 'rebuild';
      readonly collection: string;
      readonly index: IndexSpecification;
      /** The index that stands in the way. */
      readonly live: LiveIndex;
      readonly changes: readonly string[];
    }
  | { readonly kind: 'drop'; readonly collection: string; readonly live: LiveIndex };

/** An index that the engine cannot have. */
export interface UnsupportedIndex {
  readonly collection: string;
  readonly index: IndexSpecification;
  readonly reason: string;
}

/** What is to be done so that a database has the indexes that the policies declare; no action means none is missing. */
export interface IndexPlan {
  readonly actions: readonly IndexAction[];
  readonly unsupported: readonly UnsupportedIndex[];
}

/**
 * Compares the declared indexes of one collection with the live ones, by what they are and not by their names.
 *
 * An index that another version of the store may need is dropped only with `prune`: until then, what is declared anew is
 * built beside it. So versions that run side by side during an update add indexes and never undo each other's.
 */
export function compareIndexes(
  collection: string,
  desired: readonly IndexSpecification[],
  live: readonly LiveIndex[],
  { prune = false }: { prune?: boolean } = {},
): IndexAction[] {
  const [building, dropping]: [IndexAction[], IndexAction[]] = [[], []];
  const taken = new Set<string>();
  const names = new Set(live.map(({ name }) => name));
  for (const declared of desired) {
    const twin = findTwin(declared, live);
    if (!twin) {
      const index = names.has(declared.name) ? rename(declared) : declared;
      const other = isText(declared.key) ? live.find(({ key }) => isText(key)) : undefined;
      if (other) {
        taken.add(other.name);
        if (prune)
          dropping.push({ kind: 'rebuild', collection, index: declared, live: other, changes: ['text'] });
      } else building.push({ kind: 'create', collection, index });
      continue;
    }
    taken.add(twin.name);
    const { expireAfterSeconds: fromSeconds, name } = twin;
    const { expireAfterSeconds: toSeconds } = declared;
    if (fromSeconds === toSeconds) continue;
    if (toSeconds !== undefined)
      building.push({ kind: 'modify-ttl', collection, index: declared, name, fromSeconds, toSeconds });
    else if (prune)
      dropping.push({
        kind: 'rebuild',
        collection,
        index: declared,
        live: twin,
        changes: ['expireAfterSeconds'],
      });
  }
  if (prune)
    for (const other of live)
      if (other.name !== '_id_' && !taken.has(other.name))
        dropping.push({ kind: 'drop', collection, live: other });
  return [...building, ...dropping];
}

/** The live index that is what a declared one is to be, apart from its name and the life that it gives documents. */
export function findTwin(declared: IndexSpecification, live: readonly LiveIndex[]): LiveIndex | undefined {
  return live.find((other) => signatureOf(other) === signatureOf(declared));
}

/** Writes an action as one line: `create  work_record.crew_1_done_at_-1 (crew 1, done_at -1)`. */
export function formatIndexAction(action: IndexAction): string {
  switch (action.kind) {
    case 'create':
      return `create      ${action.collection}.${action.index.name} (${formatKey(action.index.key)})`;
    case 'modify-ttl':
      return `modify ttl  ${action.collection}.${action.name} from ${formatLife(action.fromSeconds)} to ${formatLife(action.toSeconds)}`;
    case 'rebuild':
      return `rebuild     ${action.collection}.${action.index.name}, because of its ${action.changes.join(', ')}`;
    case 'drop':
      return `drop        ${action.collection}.${action.live.name} (${formatKey(action.live.key)})`;
  }
}

function formatKey(key: Readonly<Record<string, unknown>>): string {
  return Object.entries(key)
    .map(([path, direction]) => `${path} ${String(direction)}`)
    .join(', ');
}

function formatLife(seconds: number | undefined): string {
  return seconds === undefined ? 'no end' : `${seconds} s`;
}

/** What tells indexes apart for the server: two that agree in it cannot stand side by side. */
function signatureOf(index: IndexSpecification | LiveIndex): string {
  const { unique = false, partialFilterExpression } = index;
  const { sparse = false, collation } = index as LiveIndex;
  if (isText(index.key))
    return canonical({ text: weightsOf(index), prefix: plainKeys(index.key), partialFilterExpression });
  return canonical({ key: Object.entries(index.key), unique, sparse, collation, partialFilterExpression });
}

/** Another name, because an index of another kind has the declared one. */
function rename(index: IndexSpecification): IndexSpecification {
  const digest = createHash('sha256').update(signatureOf(index)).digest('hex').slice(0, 8);
  return { ...index, name: `${index.name}_${digest}` };
}

function isText(key: Readonly<Record<string, unknown>>): boolean {
  return Object.values(key).includes('text');
}

// A live text index shows its fields only in its weights, and `_fts` in its key.
function weightsOf({ key, weights }: IndexSpecification | LiveIndex): Readonly<Record<string, number>> {
  if ('_fts' in key) return weights ?? {};
  const fields = Object.entries(key).flatMap(([path, kind]) => (kind === 'text' ? [path] : []));
  return Object.fromEntries(fields.map((path) => [path, weights?.[path] ?? 1]));
}

function plainKeys(key: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(key).filter(([path, kind]) => kind !== 'text' && path !== '_ftsx');
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, nested: unknown) =>
    typeof nested === 'object' && nested !== null && !Array.isArray(nested)
      ? Object.fromEntries(Object.entries(nested).sort(([left], [right]) => (left < right ? -1 : 1)))
      : nested,
  );
}
