import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { advanceDelivery, statesBefore, type DeliveryState } from '../collections/delivery-state.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import type { ProviderReport } from '../senders/sender.js';
import { openNotifications, type OpenNotifications } from '../testing/open-notifications.js';

let open: OpenNotifications;
beforeAll(async () => {
  open = await openNotifications();
  // Nobody works on jobs here: what is reported is all that happens.
});
afterAll(() => open.close());

const reported = ['sent', 'delivered', 'read', 'failed', 'bounced'] as const;
let number = 0;

/** What is reported of a delivery, repeated and out of order. */
const reports = fc.array(fc.constantFrom(...reported), { minLength: 1, maxLength: 8 });

it('follows its model whatever is reported, in any order, late and repeated, and never moves backwards', async () => {
  await fc.assert(
    fc.asyncProperty(reports, async (sequence) => {
      number += 1;
      const key = { provider: 'test', provider_message_id: `m-${number}` };
      const at = new Date();
      const { _id } = await open.models.of(NotificationDelivery).create({
        ...key,
        notification_id: `n-${number}`,
        recipient_id: 'ada',
        channel: 'sms',
        type: 'task.assigned',
        state: 'sent',
        queued_at: at,
        due_at: at,
        transitions: [{ to: 'queued', at, reported_by: 'sender' }],
      });
      let model: DeliveryState = 'sent';
      const path: DeliveryState[] = [];
      for (const state of sequence) {
        const report: ProviderReport = { ...key, state, at: new Date(), provider_event_id: 'e' };
        await open.service.report(report);
        const next = advanceDelivery(model, state);
        if (next !== model) path.push(next);
        model = next;
        const stored = await open.models.of(NotificationDelivery).findById(_id).lean<NotificationDelivery>();
        expect(stored!.state).toBe(model);
      }
      const stored = await open.models.of(NotificationDelivery).findById(_id).lean<NotificationDelivery>();
      expect(stored!.transitions.slice(1).map(({ to }) => to)).toEqual(path);
      // Each move was one that leads forward.
      for (const [place, to] of path.entries())
        expect(statesBefore(to)).toContain(place === 0 ? 'sent' : path[place - 1]);
      await Promise.all(sequence.map((state) => open.service.report({ ...key, state, at: new Date() })));
      const again = await open.models.of(NotificationDelivery).findById(_id).lean<NotificationDelivery>();
      expect(again!.state).toBe(sequence.reduce(advanceDelivery, model));
    }),
    { numRuns: 40 },
  );
});
