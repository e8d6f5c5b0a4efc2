/**
 * Stores unacknowledged messages, so that they survive a reload or a crash; a `Map` has this shape. An error that it
 * throws is emitted as `outbox:failed` and stops no message.
 */
export interface OutboxStorage {
  /** All entries, in any order. */
  entries(): Iterable<readonly [key: string, text: string]>;
  set(key: string, text: string): void;
  delete(key: string): void;
}

/** The part of the browser's Web Storage that is used. */
export interface WebStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
  removeItem(key: string): void;
}

/**
 * Stores unsent messages in Web Storage, one entry per message: tabs that share the storage do not overwrite each other,
 * and the server stores a message once that two of them send.
 * @param name the user's id; it keeps messages of one user from being sent as another
 * @param open returns the storage at each use. @default the page's `localStorage`
 *
 * @example
 * const chat = new ChatClient(url, { token, outboxStorage: createWebOutboxStorage('u-1') });
 */
export function createWebOutboxStorage(
  name: string,
  // A browser that blocks site data throws when the storage is accessed.
  open: () => WebStorage = () => globalThis.localStorage,
): OutboxStorage {
  const prefix = `infratraq.outbox:${encodeURIComponent(name)}:`;
  return {
    entries: () => {
      const storage = open();
      return Array.from({ length: storage.length }, (_, place) => storage.key(place) ?? '')
        .filter((key) => key.startsWith(prefix))
        .map((key) => [key.slice(prefix.length), storage.getItem(key) ?? ''] as const);
    },
    set: (key, text) => open().setItem(prefix + key, text),
    delete: (key) => open().removeItem(prefix + key),
  };
}
