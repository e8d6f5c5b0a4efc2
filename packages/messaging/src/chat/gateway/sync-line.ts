import { InfratraqError } from '@infratraq/kernel';

/** A request to sync a channel. */
export interface SyncQuestion {
  /** Id of the requesting socket. */
  readonly socketId: string;
  readonly channel: string;
  /** False once the client is gone. */
  isWanted(): boolean;
}

interface Waiting {
  readonly isWanted: () => boolean;
  readonly begin: () => void;
  readonly refuse: (error: InfratraqError) => void;
}

/**
 * Queues syncs: a limited number is answered at once, the others in the order of their arrival.
 *
 * After a fault all clients return at the same time. Answered all at once, they would slow each other down until each
 * timed out and asked again. A repeated request takes the place of the earlier one; clients that left are skipped.
 */
export class SyncLine {
  readonly #atOnce: number;
  readonly #waiting = new Map<string, Waiting>();
  #running = 0;

  constructor({ atOnce }: { atOnce: number }) {
    this.#atOnce = atOnce;
  }

  /**
   * Answers a request when its turn comes.
   * @throws InfratraqError `sync.superseded` when the client has asked again in the meantime, or left
   */
  async serve<Answer>(question: SyncQuestion, answer: () => Promise<Answer>): Promise<Answer> {
    if (this.#running >= this.#atOnce) await this.#wait(question);
    else this.#running += 1;
    try {
      return await answer();
    } finally {
      this.#next();
    }
  }

  #wait({ socketId, channel, isWanted }: SyncQuestion): Promise<void> {
    const key = JSON.stringify([socketId, channel]);
    const earlier = this.#waiting.get(key);
    return new Promise((begin, refuse) => {
      // Setting a key that is there keeps its place in the map's order.
      this.#waiting.set(key, { isWanted, begin, refuse });
      earlier?.refuse(superseded());
    });
  }

  /** Starts the next request whose client is still there. */
  #next(): void {
    for (const [key, { isWanted, begin, refuse }] of this.#waiting) {
      this.#waiting.delete(key);
      if (isWanted()) return begin();
      refuse(superseded());
    }
    this.#running -= 1;
  }
}

function superseded(): InfratraqError {
  return new InfratraqError('sync.superseded', 'A newer request of this client has replaced this one', {
    status: 409,
  });
}
