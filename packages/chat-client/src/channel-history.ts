import type { ChatNotices, Message, SyncAnswer, SyncRequest } from '@infratraq/chat-wire';

type MemberPosition = Omit<ChatNotices['read:changed'], 'channel'>;

/** Effect of a message: it was appended, it changed one, it was known, or earlier messages are missing. */
export type Arrival = 'added' | 'changed' | 'known' | 'gap';

const aheadLimit = 1_000;

/** The client's copy of a channel: without gaps, in order, each message in its newest version. */
export class ChannelHistory {
  readonly channel: string;
  #messages: Message[] = [];
  /** Early messages, by `seq`: one server process may be a moment ahead of another. */
  readonly #ahead = new Map<number, Message>();
  /** How far members have received and read, as far as this client was told. */
  readonly #positions = new Map<string, MemberPosition>();
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

  /** Whether the server has answered for this channel yet. */
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

  /** Drops the copy and starts again: with the latest messages, as many as are kept, or with the first one. */
  reset({ first_seq, latest_seq, epoch }: SyncAnswer, keep: number): void {
    this.#messages = [];
    this.#ahead.clear();
    this.#firstSeq = Math.max(first_seq, latest_seq - keep + 1);
    this.#epoch = epoch;
    this.#syncedAt = undefined;
  }

  /** Merges the answer to a sync; returns new and changed messages. */
  merge(answer: SyncAnswer): { added: Message[]; changed: Message[] } {
    if (this.#messages.length === 0) this.#firstSeq = Math.max(this.#firstSeq, answer.first_seq);
    const changed = answer.changed.filter((message) => this.apply(message) === 'changed');
    const added = answer.messages.filter((message) => this.apply(message) === 'added');
    added.push(...this.takeAhead());
    this.#epoch = answer.epoch;
    if (!answer.has_more) this.#syncedAt = answer.synced_at;
    return { added, changed };
  }

  /** Merges a member's position; answers whether it has moved. */
  applyRead({ user_id, delivered_seq, read_seq }: MemberPosition): boolean {
    const known = this.#positions.get(user_id);
    if (known && known.delivered_seq >= delivered_seq && known.read_seq >= read_seq) return false;
    this.#positions.set(user_id, { user_id, delivered_seq, read_seq });
    return true;
  }

  /** Merges one message. */
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

  /** Appends early messages whose turn has come, and returns them in order. */
  takeAhead(): Message[] {
    const added: Message[] = [];
    for (let next = this.#ahead.get(this.lastSeq + 1); next; next = this.#ahead.get(this.lastSeq + 1)) {
      this.#messages.push(next);
      added.push(next);
    }
    for (const seq of this.#ahead.keys()) if (seq <= this.lastSeq) this.#ahead.delete(seq);
    return added;
  }

  /** Whether early messages wait for missing ones. */
  get hasGap(): boolean {
    return this.#ahead.size > 0;
  }

  /** Merges a reaction; returns the changed message, or undefined if nothing changed. */
  applyReaction({ seq, revision, reactions }: ChatNotices['reaction:changed']): Message | undefined {
    const present = this.#messages[seq - (this.#messages[0]?.seq ?? seq)];
    if (!present || present.seq !== seq || present.revision >= revision) return undefined;
    const message = { ...present, revision, reactions };
    return this.apply(message) === 'changed' ? message : undefined;
  }
}
