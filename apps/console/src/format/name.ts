/** A category's name as a heading: `audit` is `Audit`, and two letters are an abbreviation: `ai` is `AI`. */
export function formatCategory(name: string): string {
  return name.length <= 2 ? name.toUpperCase() : name.charAt(0).toUpperCase() + name.slice(1);
}

/** A lifecycle state for people: `ttl_expiring` is `TTL expiring`. */
export function formatState(state: string): string {
  return state === 'ttl_expiring' ? 'TTL expiring' : state.charAt(0).toUpperCase() + state.slice(1);
}

/** An index's key in one line: `entity_type ↑, changed_at ↓, body text`. */
export function formatIndexKey(key: Readonly<Record<string, number | string>>): string {
  return Object.entries(key)
    .map(([field, order]) => `${field} ${order === 1 ? '↑' : order === -1 ? '↓' : order}`)
    .join(', ');
}
