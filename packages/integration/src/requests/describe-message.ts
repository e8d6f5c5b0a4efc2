import type { HttpHeader, HttpMessage } from '../collections/http-message.js';
import { isSecretName, redactForm, redactJson, redacted, redactText } from '@infratraq/kernel';

/** A request or a response: its headers, and its body where it is available. */
export interface PassedMessage {
  readonly headers: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  /** Text, bytes, or what a parser made of them; undefined for a stream. */
  readonly body?: unknown;
}

/** Of a larger body only the size is logged: serialising it again would hold up other requests. */
const maximumParsedBytes = 256 * 1_024;
/** What lies deeper in a parsed body is left out: describing it would exhaust the stack. */
const maximumDepth = 32;

/**
 * Describes a message for the log: headers and body without secrets, the body no longer than `maximumBytes`. With 0 its
 * size alone is told, where it is known without reading it.
 */
export function describeMessage({ headers, body }: PassedMessage, maximumBytes: number): HttpMessage {
  const content_type = headerOf(headers, 'content-type');
  const declared = Number(headerOf(headers, 'content-length') ?? Number.NaN);
  const kind = kindOf(content_type);
  const bytes = sizeOf(body) ?? (Number.isSafeInteger(declared) && declared >= 0 ? declared : undefined);
  const isKept = kind !== undefined && maximumBytes > 0 && (bytes ?? 0) <= limitOf(body);
  const text = isKept ? textOf(body, maximumBytes) : undefined;
  const payload_bytes = bytes ?? (text === undefined ? undefined : Buffer.byteLength(text));
  const payload = text && boundText(redactors[kind ?? 'text'](boundText(text, maximumBytes)), maximumBytes);
  return {
    headers: describeHeaders(headers),
    ...(content_type !== undefined && { content_type: content_type.slice(0, 300) }),
    ...(payload && { payload }),
    ...(payload_bytes !== undefined && { payload_bytes }),
    payload_truncated:
      kind !== undefined && maximumBytes > 0 && payload_bytes !== undefined && payload_bytes > maximumBytes,
  };
}

/** Cuts text to at most `maximumBytes` of UTF-8, never within a character. */
export function boundText(text: string, maximumBytes: number): string {
  if (text.length * 3 <= maximumBytes) return text;
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(maximumBytes)).read);
}

const redactors = { json: redactJson, form: redactForm, text: redactText } as const;

function kindOf(contentType: string | undefined): keyof typeof redactors | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  return type === 'text/plain' || type.endsWith('/xml') || type.endsWith('+xml') ? 'text' : undefined;
}

function sizeOf(body: unknown): number | undefined {
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : undefined;
}

function limitOf(body: unknown): number {
  return typeof body === 'string' || body instanceof Uint8Array
    ? Number.POSITIVE_INFINITY
    : maximumParsedBytes;
}

function textOf(body: unknown, maximumBytes: number): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return Buffer.from(body.subarray(0, maximumBytes)).toString('utf8');
  return JSON.stringify(boundDepth(body, maximumDepth));
}

function boundDepth(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  if (depth === 0) return '[…]';
  if (Array.isArray(value)) return value.map((item) => boundDepth(item, depth - 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, boundDepth(item, depth - 1)]));
}

function describeHeaders(headers: PassedMessage['headers']): HttpHeader[] {
  return Object.entries(headers)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({
      name: name.slice(0, 200),
      value: isSecretName(name) ? redacted : redactText(String(value).slice(0, 2_000)).slice(0, 2_000),
    }));
}

function headerOf(headers: PassedMessage['headers'], name: string): string | undefined {
  const value = headers[name];
  return value === undefined ? undefined : String(value);
}
