/** What the adapter publishes to the other processes. */
interface Publication {
  readonly type: number;
  readonly data?: { readonly opts?: { readonly rooms: readonly string[] } };
}

interface PublishingAdapter {
  readonly nsp: { readonly name: string };
  doPublish(message: Publication): Promise<string>;
}

/** Rooms of one namespace to which announcements did not get through. */
interface LostRooms {
  readonly rooms: Set<string>;
  /** Changes of who is in which room, to be published again. */
  readonly changes: (() => Promise<unknown>)[];
}

const joinsAndLeaves = [4, 5, 6];
const mostRooms = 10_000;
const mostChanges = 1_000;

/** Remembers what this process could not tell the others, until it can. */
export class LostAnnouncements {
  readonly #lost = new Map<string, LostRooms>();

  /** Watches what an adapter publishes. */
  watch(given: object): void {
    const adapter = given as PublishingAdapter;
    const publish = adapter.doPublish.bind(adapter);
    adapter.doPublish = async (message) => {
      try {
        return await publish(message);
      } catch (error) {
        this.#add(adapter.nsp.name, message, () => adapter.doPublish(message));
        throw error;
      }
    };
  }

  get isEmpty(): boolean {
    return this.#lost.size === 0;
  }

  /** Takes what is lost by now: publishes changes of rooms again, and hands on the rooms of the rest by namespace. */
  async take(tell: (namespace: string, rooms: readonly string[]) => Promise<void>): Promise<void> {
    const lost = [...this.#lost];
    this.#lost.clear();
    for (const [namespace, { rooms, changes }] of lost) {
      // A change that fails once more is remembered once more.
      for (const change of changes) await change().catch(() => undefined);
      if (rooms.size > 0) await tell(namespace, [...rooms]);
    }
  }

  #add(namespace: string, { type, data }: Publication, again: () => Promise<unknown>): void {
    const lost = this.#lost.get(namespace) ?? { rooms: new Set(), changes: [] };
    this.#lost.set(namespace, lost);
    if (joinsAndLeaves.includes(type)) {
      if (lost.changes.length < mostChanges) lost.changes.push(again);
      return;
    }
    for (const room of data?.opts?.rooms ?? []) if (lost.rooms.size < mostRooms) lost.rooms.add(room);
  }
}
