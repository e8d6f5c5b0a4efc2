import { policyOf, type DocumentClass } from '@infratraq/kernel';
import { isPlain } from '../plain-object.js';

type Filter = Readonly<Record<string, unknown>>;

/** What a declared index says of itself, as far as a filter can be led to it. */
interface IndexPath {
  readonly fields: readonly string[];
  readonly partial: Filter;
}

/** Conditions on single paths, the first on each, and the rest of a filter. */
interface Conditions {
  readonly onPaths: ReadonlyMap<string, unknown>;
  readonly others: readonly Filter[];
}

/**
 * States a filter so that an embedded engine uses the best index that the collection declares. Such an engine uses a
 * compound index only where nothing but a prefix of its key is asked for: this stands at the top, and what else is
 * asked for beneath it. The filter means the same.
 */
export function suitFilter(target: DocumentClass, filter: Filter): Filter {
  const keys = Object.keys(filter);
  if (keys.includes('$text')) return filter;
  const { onPaths, others } = separate(filter);
  const led = chooseFields(onPaths, listIndexes(target));
  // Of plain conditions the engine finds one that an index begins with by itself.
  if (led.length === 0 || (led.length === 1 && others.length === 0)) return filter;
  const top = Object.fromEntries(led.map((path) => [path, onPaths.get(path)]));
  const rest = [...others];
  for (const [path, condition] of onPaths) if (!led.includes(path)) rest.push({ [path]: condition });
  // Alternatives of one branch: what stands there is not merged with what is above.
  return rest.length === 0
    ? top
    : { ...top, $and: [{ $or: [rest.length === 1 ? rest[0] : { $and: rest }] }] };
}

function separate(filter: Filter): Conditions {
  const onPaths = new Map<string, unknown>();
  const others: Filter[] = [];
  const take = (part: Filter): void => {
    for (const [key, condition] of Object.entries(part))
      if (key === '$and') (condition as readonly Filter[]).forEach(take);
      else if (key.startsWith('$')) others.push({ [key]: condition });
      else takePath(key, condition);
  };
  const takePath = (path: string, condition: unknown): void => {
    const [range, more] = splitRange(condition);
    if (more !== undefined) others.push({ [path]: more });
    const known = onPaths.get(path);
    if (!onPaths.has(path)) onPaths.set(path, range);
    else if (
      isRange(known) &&
      isRange(range) &&
      Object.keys(range).every((edge) => !Object.hasOwn(known, edge))
    )
      onPaths.set(path, { ...known, ...range });
    else others.push({ [path]: range });
  };
  take(filter);
  return { onPaths, others };
}

/** The range that a condition states, and what else it asks of the path. */
function splitRange(condition: unknown): readonly [unknown, more?: Filter] {
  if (!isPlain(condition) || isRange(condition)) return [condition];
  const bounds = Object.entries(condition).filter(([operator]) => edges.includes(operator));
  if (bounds.length === 0) return [condition];
  const more = Object.entries(condition).filter(([operator]) => !edges.includes(operator));
  return [Object.fromEntries(bounds), Object.fromEntries(more)];
}

/** The longest prefix of an index that equalities fill, and a range on what follows. */
function chooseFields(
  onPaths: ReadonlyMap<string, unknown>,
  indexes: readonly IndexPath[],
): readonly string[] {
  let best: readonly string[] = [];
  for (const { fields, partial } of indexes) {
    const equal = takeWhile(fields, (path) => onPaths.has(path) && isValue(onPaths.get(path)));
    const next = fields[equal.length];
    const ranged = next !== undefined && isBounded(onPaths.get(next)) ? [next] : [];
    const led = [...equal, ...ranged];
    const beside = Object.entries(partial).filter(
      ([path, condition]) => !isImplied(path, condition, led, onPaths),
    );
    const isHeld = beside.every(([path, value]) => isValue(value) && onPaths.get(path) === value);
    // Beside a range, a condition that is none of the key's keeps such an engine from the index.
    if (!isHeld || (beside.length > 0 && ranged.length > 0)) continue;
    if (led.length > best.length) best = [...led, ...beside.map(([path]) => path)];
  }
  return best;
}

/** Whether a partial index holds every document that the key's fields find. */
function isImplied(
  path: string,
  condition: unknown,
  led: readonly string[],
  onPaths: ReadonlyMap<string, unknown>,
): boolean {
  if (!led.includes(path)) return false;
  if (isPlain(condition)) return condition['$exists'] === true && onPaths.get(path) !== null;
  return onPaths.get(path) === condition;
}

function listIndexes(target: DocumentClass): IndexPath[] {
  const declared = policyOf(target).indexes.filter(({ key }) =>
    Object.values(key).every((direction) => direction === 1 || direction === -1),
  );
  return [
    { fields: ['_id'], partial: {} },
    ...declared.map(({ key, partial }) => ({ fields: Object.keys(key), partial: partial ?? {} })),
  ];
}

function takeWhile<Item>(items: readonly Item[], accepts: (item: Item) => boolean): Item[] {
  const end = items.findIndex((item) => !accepts(item));
  return items.slice(0, end === -1 ? undefined : end);
}

function isValue(condition: unknown): boolean {
  return (
    condition !== undefined &&
    !isPlain(condition) &&
    !Array.isArray(condition) &&
    !(condition instanceof RegExp)
  );
}

function isBounded(condition: unknown): boolean {
  return (
    isRange(condition) || (isPlain(condition) && '$in' in condition && Object.keys(condition).length === 1)
  );
}

const edges = ['$gt', '$gte', '$lt', '$lte'];

function isRange(condition: unknown): condition is Filter {
  return isPlain(condition) && Object.keys(condition).every((operator) => edges.includes(operator));
}
