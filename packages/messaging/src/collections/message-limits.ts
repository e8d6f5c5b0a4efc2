/** How much one message, or one channel name, may hold; characters are counted as people count them. */
export const messageLimits = {
  bodyCharacters: 8_000,
  bodyBytes: 32_000,
  channelCharacters: 200,
  clientMessageIdCharacters: 100,
  attachments: 20,
  links: 20,
  mentions: 50,
  reactions: 500,
  edits: 100,
  emojiCharacters: 64,
} as const;

/** How much one comment thread may hold; bytes count the stored text, edit history included. */
export const threadLimits = {
  bodyCharacters: 8_000,
  bodyBytes: 32_000,
  comments: 500,
  editsPerComment: 50,
  contentBytes: 4 * 1024 * 1024,
} as const;
