import type { Message, ServerEvents, SyncAnswer } from './wire.js';

/** What came of a message: it was next, it was known, or something before it is missing. */
export type Arrival = 'added' | 'changed' | 'known' | 'gap';

/** A channel's messages as this client has them: without gaps, in order, each in its newest version. */
export class ChannelHistory {
  readonly channel: string;
  #messages: Message[] = [];
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

  /** What to tell the server when syncing. */
  known() {
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
    this.#firstSeq = Math.max(first_seq, latest_seq - keep + 1);
    this.#epoch = epoch;
    this.#syncedAt = undefined;
  }

  /** Takes in the answer to a sync; gives back what is new and what is changed. */
  merge(answer: SyncAnswer): { added: Message[]; changed: Message[] } {
    if (this.#messages.length === 0) this.#firstSeq = Math.max(this.#firstSeq, answer.first_seq);
    const changed = answer.changed.filter((message) => this.apply(message) === 'changed');
    const added = answer.messages.filter((message) => this.apply(message) === 'added');
    this.#epoch = answer.epoch;
    if (!answer.has_more) this.#syncedAt = answer.synced_at;
    return { added, changed };
  }

  /** Takes in one message. */
  apply(message: Message): Arrival {
    const next = this.lastSeq + 1;
    if (message.seq > next) return 'gap';
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

  /** Takes in a reaction; gives back the message as it is now, where it is here and the reaction is news. */
  applyReaction({ seq, revision, reactions }: ServerEvents['reaction:changed']): Message | undefined {
    const present = this.#messages[seq - (this.#messages[0]?.seq ?? seq)];
    if (!present || present.seq !== seq || present.revision >= revision) return undefined;
    const message = { ...present, revision, reactions };
    return this.apply(message) === 'changed' ? message : undefined;
  }
}
