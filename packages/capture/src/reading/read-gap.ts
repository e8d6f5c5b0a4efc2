import { formatLsn } from '../pgoutput/lsn.js';
import type { BeginMessage } from '../pgoutput/messages.js';
import { everything } from './captured-table.js';
import type { ChangeWriter } from './change-writer.js';
import type { GapMessage } from './own-messages.js';

/** Writes a GAP of all tables: a stretch of the log was lost. */
export function readGap(message: GapMessage, writer: ChangeWriter): void {
  const { secret: _secret, from_at, until_at, ...rest } = message;
  const newValue = { ...rest, from_at: new Date(from_at), until_at: new Date(until_at) };
  writer.writeWhole(everything, 'GAP', newValue);
}

export const unreadableReason = 'a change could not be read';

/** Writes a GAP of all tables: a change could not be read, nor which table it is of. */
export function readUnreadable(
  writer: ChangeWriter,
  { commitLsn, committedAt }: BeginMessage,
  reason: string,
): void {
  const lsn = formatLsn(commitLsn);
  const newValue = {
    reason,
    from_lsn: lsn,
    until_lsn: lsn,
    from_at: committedAt,
    until_at: committedAt,
  };
  writer.writeWhole(everything, 'GAP', newValue);
}
