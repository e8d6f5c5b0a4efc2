import { everything } from './captured-table.js';
import type { ChangeWriter } from './change-writer.js';
import type { GapMessage } from './own-messages.js';

/** Writes a GAP of all tables: a stretch of the log was lost. */
export function readGap(message: GapMessage, writer: ChangeWriter): void {
  const { secret: _secret, from_at, until_at, ...rest } = message;
  const newValue = { ...rest, from_at: new Date(from_at), until_at: new Date(until_at) };
  writer.writeWhole(everything, 'GAP', newValue);
}
