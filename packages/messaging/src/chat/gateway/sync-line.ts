import { InfratraqError } from '@infratraq/kernel';

/** Who asks, and for which channel. */
export interface SyncQuestion {
  /** The asking socket's. */
  readonly socketId: string;
  readonly channel: string;
  /** False as soon as nobody waits for the answer any more. */
  isWanted(): boolean;
}

interface Waiting {
  readonly isWanted: () => boolean;
  readonly begin: () => void;
  readonly refuse: (error: InfratraqError) => void;
}

/**
 * Has clients that sync stand in line: so many are served at once, the others in the order in which they came.
 *
 * After a fault everybody comes back at the same time. Served all at once, they would slow each other until each gave
 * up before it was answered and asked again, and the process would work for nobody. So one that asks again takes the
 * place of its earlier question, and who has left is not served.
 */
export class SyncLine {
  readonly #atOnce: number;
  readonly #waiting = new Map<string, Waiting>();
  #running = 0;

  constructor({ atOnce }: { atOnce: number }) {
    this.#atOnce = atOnce;
  }

  /**
   * Answers a question when it is its turn.
   * @throws InfratraqError `sync.superseded` when the same client asked again meanwhile, or left
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

  /** Hands the place of one that was served to the first who still waits. */
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
  return new InfratraqError('sync.superseded', 'You asked again or left before it was your turn', {
    status: 409,
  });
}
