import { InfratraqError } from '@infratraq/kernel';

/** The replication slot is gone or unusable although changes were captured from it: changes may be missing. */
export class CaptureSlotLostError extends InfratraqError {
  constructor(
    slot: string,
    /** What became of it, as the end of a sentence about it. */
    readonly what: string,
    confirmedLsn: string,
  ) {
    super(
      'capture.slot-lost',
      `Replication slot ${slot} ${what}. Changes after ${confirmedLsn} may be missing from the changelog. Find out ` +
        'why, then run "infratraq capture recover --accept-gap" (recoverLostSlot()): it marks the gap and begins anew',
    );
  }
}

/** What was being captured from has been ended meanwhile; what followed it is found by trying again. */
export class CaptureSourceEndedError extends InfratraqError {
  constructor(source: string) {
    super('capture.source-ended', `Capture source ${source} was ended by another process`);
  }
}

/** Capture cannot begin until the database has been set up for it. */
export class CaptureNotPreparedError extends InfratraqError {
  constructor(message: string, cause?: unknown) {
    super('capture.not-prepared', message, { cause });
  }
}

/** The publication tells less of some tables than capture needs: their changes are missing until it is mended. */
export class CapturePublicationError extends InfratraqError {
  constructor({ command, count, tables }: { command: string; count: number; tables: readonly string[] }) {
    const more = count > tables.length ? ` and ${count - tables.length} more` : '';
    super(
      'capture.publication-incomplete',
      `${command} has taken changes of ${tables.join(', ')}${more} from the publication: they are not captured any ` +
        'more, and the trail has a gap. Run "infratraq capture plan" and prepare capture again (prepareCapture())',
    );
  }
}
