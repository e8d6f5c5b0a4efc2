type Filter = Readonly<Record<string, unknown>>;

/**
 * States alternatives that stand beside other conditions as what none of them fails. The filter means the same; an
 * engine that uses no index beside an `$or` then uses the one of the other conditions.
 */
export function nestAlternatives(filter: Filter): Filter {
  const keys = Object.keys(filter);
  if (keys.length === 1 && keys[0] === '$or') return filter;
  const { $and: branches = [], $nor: excluded = [], ...own } = filter as Partial<Record<string, Filter[]>>;
  const nested = [...excluded];
  const strip = ({ $or: alternatives, ...rest }: Filter): Filter => {
    if (alternatives !== undefined) nested.push({ $nor: alternatives });
    return rest;
  };
  const stripped = strip(own);
  const others = branches.map(strip).filter((branch) => Object.keys(branch).length > 0);
  return {
    ...stripped,
    ...(others.length > 0 && { $and: others }),
    ...(nested.length > 0 && { $nor: nested }),
  };
}
