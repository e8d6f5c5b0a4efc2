import { InfratraqError, withholdValues } from '@infratraq/kernel';
import { formatLsn } from '../pgoutput/lsn.js';
import type { BeginMessage } from '../pgoutput/messages.js';

/** Told of what could not be captured as it was meant; capture goes on. */
export type TellOddity = (oddity: InfratraqError) => void;

/** A value could not be converted; its text, as PostgreSQL writes it, is stored in its place. */
export class ValueKeptAsTextError extends InfratraqError {
  constructor(table: string, column: string, cause: unknown) {
    super(
      'capture.value-kept-as-text',
      `A value of ${table}.${column} could not be converted and is stored as PostgreSQL's text; nothing is lost. ` +
        'Report it with the versions of PostgreSQL and this package',
      { cause },
    );
  }
}

/** A change could not be read; a GAP stands in its place. */
export class ChangeUnreadableError extends InfratraqError {
  constructor(table: string, cause: unknown) {
    super(
      'capture.change-unreadable',
      `A change of ${table} could not be read (${withholdValues(messageOf(cause))}). A GAP of the table stands in its place: ` +
        'take a snapshot of it, and report this with the versions of PostgreSQL and this package',
      { cause },
    );
  }
}

/** PostgreSQL itself can't send all of a transaction: a row may be larger than any of its messages. */
export class TransactionUnsendableError extends InfratraqError {
  /** What the GAP says that stands for the rest of it. */
  readonly reason: string;

  constructor({ transactionId, commitLsn }: BeginMessage, cause: unknown) {
    const reason = `PostgreSQL could not send the rest of transaction ${transactionId}: ${withholdValues(messageOf(cause))}`;
    super(
      'capture.transaction-unsendable',
      `${reason}. A GAP of all tables stands for it at ${formatLsn(commitLsn)}: find out which tables it wrote, and take a ` +
        'snapshot of them',
      { cause },
    );
    this.reason = reason;
  }
}

/** The catalog does not describe a table; types of its own are captured as text until it does. */
export class TableUndescribedError extends InfratraqError {
  constructor(table: string, cause: unknown) {
    super(
      'capture.table-undescribed',
      `PostgreSQL's catalog can't be asked about ${table} (${messageOf(cause)}). Its key is taken from the replica identity ` +
        'and its types count as text; grant the role of capture what it is refused',
      { cause },
    );
  }
}

/** A transaction named an actor with fields that are longer than any id; they are cut, or left out. */
export class ActorOversizedError extends InfratraqError {
  constructor(fields: readonly string[]) {
    super(
      'capture.actor-oversized',
      `A transaction named an actor whose fields are too long or no texts (${fields.join(', ')}); they were cut or left ` +
        'out. Find the program by the database user and the time of its changes',
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const againMilliseconds = 60_000;
const mostRemembered = 1_000;

/** Tells the same oddity (by its message) once a minute at most: a whole table may be odd. */
export function tellSparingly(tell: TellOddity): TellOddity {
  const toldAt = new Map<string, number>();
  return (oddity) => {
    const now = Date.now();
    if (now - (toldAt.get(oddity.message) ?? -Infinity) < againMilliseconds) return;
    if (toldAt.size >= mostRemembered) toldAt.clear();
    toldAt.set(oddity.message, now);
    tell(oddity);
  };
}
