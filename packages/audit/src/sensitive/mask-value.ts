import { createHmac } from 'node:crypto';
import type { FieldMasking } from '../collections/field-audit-log.js';
import { renderValue } from '../history/render-value.js';

/** Writes a value so that it cannot be read back; null stays null. */
export type Mask = (value: unknown, masking: FieldMasking) => string | null;

/** What stands for a value of which nothing may be known. */
const maskedWhole = '[masked]';

/** The outline of a longer text would be nearly all of it. */
const mostOutlined = 64;

/** Makes a mask whose digests are keyed: equal values stay equal, and none can be guessed without the key. */
export function createMask(key: string): Mask {
  return (value, masking) => {
    if (value === null || value === undefined) return null;
    const rendered = renderValue(value);
    const text = typeof rendered === 'string' ? rendered : JSON.stringify(rendered);
    switch (masking) {
      case 'full':
        return maskedWhole;
      case 'digest':
        return `hmac:${createHmac('sha256', key).update(`audit field\n${text}`).digest('hex')}`;
      case 'partial':
        return outline(text);
    }
  };
}

/** Keeps the first and last characters of a long enough text, and everything but letters and digits. */
function outline(text: string): string {
  const characters = [...text];
  const places = characters.flatMap((character, place) => (/[\p{L}\p{N}]/u.test(character) ? [place] : []));
  const [front, back] = places.length >= 12 ? [2, 4] : places.length >= 6 ? [0, 2] : [0, 0];
  const hidden = new Set(places.slice(front, places.length - back));
  const masked = characters.map((character, place) => (hidden.has(place) ? '•' : character));
  if (masked.length <= mostOutlined) return masked.join('');
  return `${masked.slice(0, 8).join('')}…${masked.slice(-8).join('')}`;
}
