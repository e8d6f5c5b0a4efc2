import { MessageDecoder } from '../pgoutput/decode-message.js';
import type { ChangeReader } from '../reading/change-reader.js';
import type { ChangeBatcher } from './change-batcher.js';
import type { MessageReader } from './message-intake.js';

/** Where changes are gathered. */
type Batches = Pick<ChangeBatcher, 'advance' | 'isFull' | 'flush' | 'room'>;

/** Reads messages into batches; waits where the catalog must be asked, and while a full batch can't be written yet. */
export function readInto(reader: ChangeReader, batcher: Batches): MessageReader {
  const decoder = new MessageDecoder();
  const settle = (endLsn: bigint | undefined): Promise<void> | undefined => {
    if (endLsn !== undefined) batcher.advance(endLsn);
    if (!batcher.isFull) return undefined;
    batcher.flush();
    return batcher.isFull ? batcher.room() : undefined;
  };
  const decode = (frame: Buffer, offset: number) => {
    try {
      return decoder.decode(frame, offset);
    } catch (error) {
      // Without its beginning or end, nothing that follows could be understood.
      const tag = String.fromCharCode(frame[offset] as number);
      if ('BCR'.includes(tag)) throw error;
      const isRow = 'IUD'.includes(tag) && frame.length >= offset + 5;
      reader.refuse(error, isRow ? frame.readUInt32BE(offset + 1) : undefined);
      return undefined;
    }
  };
  return {
    readMessage(frame, offset) {
      const message = decode(frame, offset);
      if (message === undefined) return settle(undefined);
      const endLsn = message.tag === 'commit' ? message.endLsn : undefined;
      const read = reader.read(message);
      return read === undefined ? settle(endLsn) : read.then(() => settle(endLsn));
    },
    readKeepalive(endLsn) {
      if (reader.transaction === undefined) batcher.advance(endLsn);
    },
    onDrained: () => batcher.flush(),
  };
}
