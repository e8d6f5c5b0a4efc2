type Listener<Payload> = (payload: Payload) => void;

/** Listeners by event name, typed by a map from name to payload. */
export class EventListeners<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Adds a listener; the answer removes it. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as Listener<never>));
    return () => void listeners.delete(listener as Listener<never>);
  }

  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as Listener<Events[Name]>)(payload);
      } catch (error) {
        // Reported as uncaught, to the listener's owner; the client's state stays consistent.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
