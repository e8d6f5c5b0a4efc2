import { expect, it } from '@jest/globals';
import { isEmoji } from './is-emoji.js';

it.each(['👍', '👍🏽', '❤️', '❤️‍🔥', '👨‍👩‍👧‍👦', '🇨🇭', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '3️⃣', '☝🏽', '🧑🏽‍🚀', '👁️‍🗨️', '🏳️‍🌈'])(
  '%s is an emoji',
  (text) => {
    expect(isEmoji(text)).toBe(true);
  },
);

it.each(['', ' ', 'ok', '3', '👍👍', '👍 ', '\u200d', '\ufe0f', 'a\u0301', '👍\u0301', '<b>', '\ud83d', '🇨'])(
  '%j is none',
  (text) => {
    expect(isEmoji(text)).toBe(false);
  },
);
