import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { objectCorrupted } from './errors.js';
import type { ObjectDetails } from './object-store.js';

/**
 * Passes an object's bytes on and compares them with what was stored. The last chunk waits for the verdict, so that
 * nobody who reads to the end takes damaged content for whole.
 */
export function verifyContent(details: ObjectDetails, range?: { first: number; last: number }): Transform {
  const expectedBytes = range ? range.last - range.first + 1 : details.sizeBytes;
  const hash = range || details.sha256 === undefined ? undefined : createHash('sha256');
  let arrivedBytes = 0;
  let held: Buffer | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash?.update(chunk);
      arrivedBytes += chunk.length;
      const passed = held;
      held = chunk;
      done(null, passed);
    },
    flush(done) {
      const sha256 = hash?.digest('hex');
      if (arrivedBytes !== expectedBytes)
        done(objectCorrupted(details.key, `${arrivedBytes} bytes instead of ${expectedBytes}`));
      else if (sha256 !== undefined && sha256 !== details.sha256)
        done(objectCorrupted(details.key, `SHA-256 ${sha256} instead of ${details.sha256}`));
      else done(null, held);
    },
  });
}
