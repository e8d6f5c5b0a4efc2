import { InvalidInputError } from '@infratraq/kernel';

/** Longest key, in characters; all of them are ASCII. */
const maximumKeyCharacters = 800;
const maximumSegmentCharacters = 200;
const segmentPattern = /^[A-Za-z0-9_=+@,()-][A-Za-z0-9._=+@,()-]*$/;

/**
 * Checks a key: segments joined by `/`, each of 1 to 200 letters, digits or `._=+@,()-` and not beginning with a dot;
 * 800 characters in all. So no key can leave its folder, and every storage takes it as it is.
 * @throws InvalidInputError `object.key.invalid`
 */
export function checkObjectKey(key: string): void {
  const isSound =
    key.length <= maximumKeyCharacters &&
    key
      .split('/')
      .every((segment) => segment.length <= maximumSegmentCharacters && segmentPattern.test(segment));
  if (!isSound) throw invalidKey(key);
}

/**
 * Checks the beginning of keys: whole segments, or none, and the beginning of one more.
 * @throws InvalidInputError `object.key.invalid`
 */
export function checkKeyPrefix(prefix: string): void {
  if (prefix !== '') checkObjectKey(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix);
}

/** Folds a key's order into plain comparison: keys are ASCII, so this is also the byte order. */
export function compareKeys(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function invalidKey(key: string): InvalidInputError {
  const shown = JSON.stringify(key.length > 100 ? `${key.slice(0, 100)}…` : key);
  return new InvalidInputError(
    `${shown} is no object key; use segments of letters, digits and ._=+@,()- joined by slashes`,
    { code: 'object.key.invalid' },
  );
}
