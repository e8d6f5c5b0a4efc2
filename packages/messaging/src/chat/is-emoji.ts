const emoji = new RegExp(
  [
    '\\p{Regional_Indicator}{2}',
    '[0-9#*]\\ufe0f?\\u20e3',
    // A pictograph, its colour, the tags of a flag, and what it is joined with.
    'P(?:[\\u{e0020}-\\u{e007e}]+\\u{e007f}|(?:\\u200dP)*)'.replaceAll(
      'P',
      '\\p{Extended_Pictographic}(?:\\ufe0f|\\p{Emoji_Modifier})?\\ufe0f?',
    ),
  ]
    .map((form) => `^${form}$`)
    .join('|'),
  'u',
);

/** Whether a text is one emoji, also one that Unicode has not named yet. */
export function isEmoji(text: string): boolean {
  return emoji.test(text);
}
