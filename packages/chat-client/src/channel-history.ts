import type { ChatNotices, Message, SyncAnswer, SyncRequest } from '@infratraq/chat-wire';

/** What came of a message: it was next, it was known, or something before it is missing. */
export type Arrival = 'added' | 'changed' | 'known' | 'gap';

const aheadLimit = 1_000;

/** A channel's messages as this client has them: without gaps, in order, each in its newest version. */
export class ChannelHistory {
  readonly channel: string;
  #messages: Message[] = [];
  /** What came before its turn, by `seq`: of two server processes, one may be a moment ahead. */
  readonly #ahead = new Map<number, Message>();
  #epoch: string | undefined;
  #syncedAt: string | undefined;
  #firstSeq = 1;

  constructor(channel: string) {
    this.channel = channel;
  }

  get messages(): readonly Message[] {
    return this.#messages;
  }

  get lastSeq(): number {
    return this.#messages.at(-1)?.seq ?? this.#firstSeq - 1;
  }

  /** Whether the server has ever told what there is of this channel. */
  get isLoaded(): boolean {
    return this.#epoch !== undefined;
  }

  /** The request that brings what is missing here. */
  known(): SyncRequest {
    const last = this.#messages.at(-1);
    return {
      channel: this.channel,
      after_seq: this.lastSeq,
      ...(this.#epoch !== undefined && { epoch: this.#epoch }),
      ...(last && { after_message_id: last.message_id }),
      ...(last && this.#syncedAt !== undefined && { changed_since: this.#syncedAt }),
    };
  }

  /** Forgets everything, and begins with the latest messages that fit, or with the first that there is. */
  reset({ first_seq, latest_seq, epoch }: SyncAnswer, keep: number): void {
    this.#messages = [];
    this.#ahead.clear();
    this.#firstSeq = Math.max(first_seq, latest_seq - keep + 1);
    this.#epoch = epoch;
    this.#syncedAt = undefined;
  }

  /** Takes in the answer to a sync; gives back what is new and what is changed. */
  merge(answer: SyncAnswer): { added: Message[]; changed: Message[] } {
    if (this.#messages.length === 0) this.#firstSeq = Math.max(this.#firstSeq, answer.first_seq);
    const changed = answer.changed.filter((message) => this.apply(message) === 'changed');
    const added = answer.messages.filter((message) => this.apply(message) === 'added');
    added.push(...this.takeAhead());
    this.#epoch = answer.epoch;
    if (!answer.has_more) this.#syncedAt = answer.synced_at;
    return { added, changed };
  }

  /** Takes in one message. */
  apply(message: Message): Arrival {
    const next = this.lastSeq + 1;
    if (message.seq > next) {
      const present = this.#ahead.get(message.seq);
      if (this.#ahead.size < aheadLimit && (present?.revision ?? -1) < message.revision)
        this.#ahead.set(message.seq, message);
      return 'gap';
    }
    if (message.seq === next) {
      this.#messages.push(message);
      return 'added';
    }
    const place = message.seq - (this.#messages[0]?.seq ?? next);
    const present = this.#messages[place];
    if (!present || present.revision >= message.revision) return 'known';
    this.#messages[place] = message;
    return 'changed';
  }

  /** Takes in what came before its turn and can be shown now; gives it back in order. */
  takeAhead(): Message[] {
    const added: Message[] = [];
    for (let next = this.#ahead.get(this.lastSeq + 1); next; next = this.#ahead.get(this.lastSeq + 1)) {
      this.#messages.push(next);
      added.push(next);
    }
    for (const seq of this.#ahead.keys()) if (seq <= this.lastSeq) this.#ahead.delete(seq);
    return added;
  }

  /** Whether something is here that has to wait for what comes before it. */
  get hasGap(): boolean {
    return this.#ahead.size > 0;
  }

  /** Takes in a reaction; gives back the message as it is now, where it is here and the reaction is news. */
  applyReaction({ seq, revision, reactions }: ChatNotices['reaction:changed']): Message | undefined {
    const present = this.#messages[seq - (this.#messages[0]?.seq ?? seq)];
    if (!present || present.seq !== seq || present.revision >= revision) return undefined;
    const message = { ...present, revision, reactions };
    return this.apply(message) === 'changed' ? message : undefined;
  }
}
