/**
 * What becomes of a field before an event is stored, journaled or kept as a dead letter.
 *
 * - `drop`: the field is left out; only for fields that are not required
 * - `mask`: a text is replaced by `[redacted]`
 * - `hash`: a text is replaced by its keyed digest (HMAC-SHA-256): equal values stay equal, and none can be read back
 * - `secrets`: what looks like a secret inside is masked, by its name in objects and by its form in text
 */
export type RedactionKind = 'drop' | 'mask' | 'hash' | 'secrets';

/** How one property is redacted. */
export interface Redaction {
  readonly kind: RedactionKind;
  /** Redacts only where this holds of the object that has the property. */
  readonly when?: (owner: Readonly<Record<string, unknown>>) => boolean;
}

// Registered, so that two copies of this package in one process still read each other's classes.
const redactionsKey = Symbol.for('infratraq.redactions');

/**
 * States on a property what is made unreadable in it; attaches metadata and does nothing else.
 *
 * The event writer applies it, within nested types and arrays too, before the event reaches a disk, a log or a
 * database.
 *
 * @example
 * ```ts
 * @Redact('hash')
 * @prop({ type: String, maxlength: 100 })
 * ip_address?: string;
 * ```
 */
export function Redact(
  kind: RedactionKind,
  options: Pick<Redaction, 'when'> = {},
): (target: object, property: string) => void {
  return (target, property) => {
    const owner = target.constructor as unknown as { [redactionsKey]?: Map<string, Redaction> };
    if (!Object.hasOwn(owner, redactionsKey))
      Object.defineProperty(owner, redactionsKey, { value: new Map(), enumerable: false });
    owner[redactionsKey]?.set(property, Object.freeze({ kind, ...options }));
  };
}

/** Reads what `@Redact` stated on the properties of a class and of those that it extends. */
export function redactionsOf(target: abstract new () => object): ReadonlyMap<string, Redaction> {
  const parent = Object.getPrototypeOf(target) as unknown;
  const inherited =
    typeof parent === 'function' && parent !== Function.prototype ? redactionsOf(parent as never) : [];
  const own = Object.hasOwn(target, redactionsKey)
    ? (target as unknown as { [redactionsKey]: Map<string, Redaction> })[redactionsKey]
    : [];
  return new Map([...inherited, ...own]);
}
