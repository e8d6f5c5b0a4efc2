import type { IndexSpecification } from '@infratraq/kernel';

/** An index as the database has it. */
export interface LiveIndex {
  readonly name: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly unique?: boolean;
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
      readonly fromSeconds: number;
      readonly toSeconds: number;
    }
  | {
      /** Dropped and created anew, because key or options changed under the same name. */
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

/** Compares the declared indexes of one collection with the live ones. */
export function compareIndexes(
  collection: string,
  desired: readonly IndexSpecification[],
  live: readonly LiveIndex[],
  { prune = false }: { prune?: boolean } = {},
): IndexAction[] {
  const actions: IndexAction[] = [];
  const taken = new Set<string>();
  for (const index of desired) {
    const present =
      live.find(({ name }) => name === index.name) ?? live.find((other) => collides(index, other));
    if (!present) {
      actions.push({ kind: 'create', collection, index });
      continue;
    }
    taken.add(present.name);
    const changes = listChanges(index, present);
    if (changes.length === 0) continue;
    const { expireAfterSeconds: fromSeconds } = present;
    const { expireAfterSeconds: toSeconds } = index;
    const onlyLife = changes.length === 1 && changes[0] === 'expireAfterSeconds';
    if (onlyLife && fromSeconds !== undefined && toSeconds !== undefined)
      actions.push({ kind: 'modify-ttl', collection, index, fromSeconds, toSeconds });
    else actions.push({ kind: 'rebuild', collection, index, live: present, changes });
  }
  if (prune)
    for (const other of live)
      if (other.name !== '_id_' && !taken.has(other.name))
        actions.push({ kind: 'drop', collection, live: other });
  return actions;
}

/** Writes an action as one line: `create  work_record.crew_1_done_at_-1 (crew 1, done_at -1)`. */
export function formatIndexAction(action: IndexAction): string {
  switch (action.kind) {
    case 'create':
      return `create      ${action.collection}.${action.index.name} (${formatKey(action.index.key)})`;
    case 'modify-ttl':
      return `modify ttl  ${action.collection}.${action.index.name} from ${action.fromSeconds} s to ${action.toSeconds} s`;
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

function listChanges(index: IndexSpecification, live: LiveIndex): string[] {
  const changes: string[] = [];
  if (index.name !== live.name) changes.push('name');
  if (!sameKey(index, live)) changes.push('key');
  if ((index.unique ?? false) !== (live.unique ?? false)) changes.push('unique');
  if (index.expireAfterSeconds !== live.expireAfterSeconds) changes.push('expireAfterSeconds');
  if (canonical(index.partialFilterExpression) !== canonical(live.partialFilterExpression))
    changes.push('partialFilterExpression');
  if (isText(index.key) && !sameWeights(index, live)) changes.push('weights');
  return changes;
}

// The server allows one index per key and filter, and one text index per collection, whatever their names.
function collides(index: IndexSpecification, live: LiveIndex): boolean {
  if (isText(index.key)) return isText(live.key);
  return (
    sameKey(index, live) &&
    canonical(index.partialFilterExpression) === canonical(live.partialFilterExpression) &&
    (index.unique ?? false) === (live.unique ?? false)
  );
}

function isText(key: Readonly<Record<string, unknown>>): boolean {
  return Object.values(key).includes('text');
}

// A live text index shows its fields only in its weights, and `_fts` in its key.
function sameKey(index: IndexSpecification, live: LiveIndex): boolean {
  if (isText(index.key)) return isText(live.key) && sameTextPrefix(index.key, live.key);
  return JSON.stringify(Object.entries(index.key)) === JSON.stringify(Object.entries(live.key));
}

function sameTextPrefix(desired: Readonly<Record<string, unknown>>, live: LiveIndex['key']): boolean {
  const plain = (key: Readonly<Record<string, unknown>>) =>
    Object.entries(key).filter(([path, kind]) => kind !== 'text' && path !== '_ftsx');
  return JSON.stringify(plain(desired)) === JSON.stringify(plain(live));
}

function sameWeights(index: IndexSpecification, live: LiveIndex): boolean {
  const fields = Object.entries(index.key).flatMap(([path, kind]) => (kind === 'text' ? [path] : []));
  const wanted = Object.fromEntries(fields.map((path) => [path, index.weights?.[path] ?? 1]));
  return canonical(wanted) === canonical(live.weights ?? wanted);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, nested: unknown) =>
    typeof nested === 'object' && nested !== null && !Array.isArray(nested)
      ? Object.fromEntries(Object.entries(nested).sort(([left], [right]) => (left < right ? -1 : 1)))
      : nested,
  );
}
