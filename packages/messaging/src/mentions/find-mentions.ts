import { messageLimits } from '../collections/message-limits.js';
import { stripCodeAndQuotes } from './strip-code.js';

// A whole name in any script, with its accents and joiners; a dot or hyphen within it, not at its end. What continues
// as an address (`@ada@example.org`) names somebody elsewhere.
const word = '\\p{L}\\p{M}\\p{N}_';
const mention = new RegExp(
  `(?<![${word}@./-])@([\\p{L}\\p{N}](?:[${word}.\\u200c\\u200d-]*[${word}])?)(?![${word}@]|[.-][${word}])`,
  'gu',
);

/**
 * Ids of the users that a text names as `@user`, each once, in the order of their first mention. Code, quotes and email
 * addresses mention nobody.
 */
export function findMentions(text: string): string[] {
  const ids = new Set<string>();
  for (const [, id] of stripCodeAndQuotes(text.normalize('NFC')).matchAll(mention)) {
    if (id) ids.add(id);
    if (ids.size === messageLimits.mentions) break;
  }
  return [...ids];
}
