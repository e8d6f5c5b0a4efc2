import type { TakenJob } from '@infratraq/postgres';
import type { NotificationContext } from '../context/notification-context.js';
import { sweepQueue } from './queues.js';

const hour = 3_600_000;
const daysKept = 90;

/** Deletes accepted notifications as old as deliveries are kept, and runs again in an hour. */
export async function sweepOutbox(
  { outbox, jobs, postgres, now }: NotificationContext,
  job: TakenJob<Record<string, never>>,
): Promise<void> {
  await outbox.forget(new Date(now().getTime() - daysKept * 24 * hour));
  await postgres.db.transaction().execute(async (transaction) => {
    await jobs.complete(sweepQueue, [job], transaction);
    await jobs.add(sweepQueue, [{ data: {}, key: 'sweep', delayMilliseconds: hour }], {
      transaction,
    });
  });
}
