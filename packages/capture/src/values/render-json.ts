import { mongo } from 'mongoose';

/** Writes a stored json or jsonb value as JSON; a text is JSON already where it stands alone. */
export function renderJson(value: unknown): string {
  if (value instanceof Map) return renderObject([...(value as Map<string, unknown>)]);
  if (Array.isArray(value)) return `[${value.map(renderJson).join(',')}]`;
  if (typeof value === 'number') return renderNumber(value);
  if (typeof value === 'object' && value !== null) {
    if (value instanceof mongo.Double || value instanceof mongo.Int32) return renderNumber(value.valueOf());
    if (value instanceof mongo.Long) return value.toString();
    return renderObject(Object.entries(value));
  }
  return JSON.stringify(value);
}

function renderNumber(value: number): string {
  // JSON.stringify would lose the sign.
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

function renderObject(members: [string, unknown][]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${renderJson(value)}`).join(',')}}`;
}
