import { InfratraqError } from '@infratraq/kernel';
import type { Postgres } from '@infratraq/postgres';
import { resolveCaptureNames, type CaptureNames } from './capture-names.js';
import { CaptureSlotLostError } from './slot-errors.js';
import { requireSlot } from './notice-lost-slot.js';
import { createCaptureTables } from '../preparation/capture-tables.js';
import { dropSlot } from './drop-slot.js';
import type { CapturePlan, PrepareOptions } from '../preparation/plan-capture.js';
import { prepareUnderLock, withPreparationLock } from '../preparation/prepare-capture.js';

/** Recovery was asked for a slot that is well: it would only make a gap. */
export class SlotNotLostError extends InfratraqError {
  constructor(slot: string) {
    super(
      'capture.slot-not-lost',
      `Replication slot ${slot} is there and usable; there is nothing to recover`,
      {
        status: 409,
      },
    );
  }
}

/**
 * Goes on after a slot was lost: makes a new one, marks the gap in the changelog (operation GAP: from where until
 * where nothing is known, and why) and asks for a snapshot of every table, so that the changelog is whole again.
 *
 * Calling it accepts the gap; find out first why the slot was lost.
 * @throws SlotNotLostError when the slot is usable
 */
export async function recoverLostSlot(
  postgres: Postgres,
  options: PrepareOptions = {},
): Promise<CapturePlan> {
  const names = resolveCaptureNames(postgres, options);
  const { slot } = names;
  return withPreparationLock(postgres, async (client) => {
    await createCaptureTables(client);
    const reason = await requireSlot(client, slot).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof CaptureSlotLostError) return error.what;
        throw error;
      },
    );
    if (reason === undefined) throw new SlotNotLostError(slot);
    await dropSlot(client, slot, reason);
    return prepareUnderLock(client, { ...options, ...names });
  });
}

/**
 * Accepts that a lost slot's changes are missing, without going on: ends its history, so that `prepareCapture` may
 * begin anew and mark the gap. Nothing is captured until then.
 */
export async function abandonLostSlot(postgres: Postgres, names?: Partial<CaptureNames>): Promise<void> {
  const { slot } = resolveCaptureNames(postgres, names);
  await withPreparationLock(postgres, async (client) => {
    await createCaptureTables(client);
    await dropSlot(client, slot, 'it was abandoned');
  });
}
