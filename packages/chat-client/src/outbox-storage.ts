/**
 * Where a client keeps the text of messages that the server hasn't acknowledged, so that they outlive a reload or a
 * crash; a `Map` has this shape. Whatever it throws is told as `outbox:failed`, and stops no message.
 */
export interface OutboxStorage {
  /** Everything that is kept, in any order. */
  entries(): Iterable<readonly [key: string, text: string]>;
  set(key: string, text: string): void;
  delete(key: string): void;
}

/** What of the browser's Web Storage is used. */
export interface WebStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
  removeItem(key: string): void;
}

/**
 * Keeps unsent messages in Web Storage. Each message has an entry of its own, so that tabs that share the storage don't
 * overwrite each other's; what two of them send is stored once.
 * @param name whose messages these are, such as the user's id: what one user wrote must not be sent as another
 * @param open the storage, asked for at each use; the page's `localStorage` when absent
 *
 * @example
 * const chat = new ChatClient(url, { token, outboxStorage: createWebOutboxStorage('u-1') });
 */
export function createWebOutboxStorage(
  name: string,
  // A browser that blocks the site's data throws as soon as it is asked for its storage.
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
