import type pg from 'pg';
import type { BeginMessage } from '../pgoutput/messages.js';

/** Lost connections, lack of resources, cancelled by somebody, system errors: the next try may succeed. */
const passingClasses = /^(?:08|53|57|58)/;

/**
 * Whether PostgreSQL failed to write a change for the stream: it does so again whenever it comes to it. A message of its
 * protocol has a gigabyte at most, and a row with all its values as text may be larger.
 */
export function isUnsendable(error: unknown): boolean {
  const { severity, code = '', where = '' } = (error ?? {}) as Partial<pg.DatabaseError>;
  return severity === 'ERROR' && where.includes('"pgoutput"') && !passingClasses.test(code);
}

/** Remembers the transaction that PostgreSQL failed at last: it gets one more try. */
export class UnsendableTransactions {
  #commitLsn: bigint | undefined;

  /** Whether it has failed before; from now on it has. */
  isKnown({ commitLsn }: BeginMessage): boolean {
    const isKnown = this.#commitLsn === commitLsn;
    this.#commitLsn = commitLsn;
    return isKnown;
  }
}
