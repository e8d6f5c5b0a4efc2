import { expect, it } from '@jest/globals';
import { notificationChannels, type RecipientPreferences } from '@infratraq/kernel';
import fc from 'fast-check';
import { defineNotificationType } from '../templates/notification-type.js';
import { plainPreferences, taskAssigned } from '../testing/open-notifications.js';
import { chooseChannels } from './choose-channels.js';

const urgent = defineNotificationType({ ...taskAssigned, type: 'task.escalated', critical: true });
const channels = fc.uniqueArray(fc.constantFrom(...notificationChannels));
const topic = fc.record(
  { entity_type: fc.constantFrom('bridge', 'road'), entity_id: fc.constantFrom('1', '2') },
  { requiredKeys: ['entity_type'] },
);
const row = fc
  .tuple(fc.constantFrom('*', 'task.assigned', 'task.escalated'), channels, fc.option(topic, { nil: {} }))
  .map(([type, chosen, about]) => ({ ...about, type, channels: chosen }));
const own = fc.array(row, { maxLength: 8 }).map((notifications) => ({ ...plainPreferences, notifications }));
const request = fc.record(
  {
    channels: fc.uniqueArray(fc.constantFrom(...notificationChannels), { minLength: 1 }),
    chosen_by_recipient: fc.boolean(),
    entity: fc.record({
      entity_type: fc.constantFrom('bridge', 'road'),
      entity_id: fc.constantFrom('1', '2'),
    }),
  },
  { requiredKeys: [] },
);

it('a complaint takes mail of its type away, and nothing else, but never what is critical', () => {
  fc.assert(
    fc.property(own, request, fc.constantFrom(taskAssigned, urgent), (preferences, asked, type) => {
      const before = chooseChannels(type, asked, preferences);
      const other = { ...preferences, complained_types: ['task.closed'] };
      expect(chooseChannels(type, asked, other)).toEqual(before);
      const complained = { ...preferences, complained_types: [type.type] };
      const expected = type.critical ? before : before.filter((channel) => channel !== 'email');
      expect(chooseChannels(type, asked, complained)).toEqual(expected);
    }),
  );
});

it('what a recipient mutes stays mute, however narrowly their organisation says otherwise', () => {
  const entity = { entity_type: 'bridge', entity_id: '1' };
  const mute = { type: 'task.assigned', channels: [], own: true };
  const narrower = { ...entity, type: '*', channels: ['email' as const] };
  const choose = (...notifications: RecipientPreferences['notifications']) =>
    chooseChannels(taskAssigned, { entity }, { ...plainPreferences, notifications });
  expect(choose(mute, narrower)).toEqual([]);
  expect(choose(mute, { ...narrower, own: true })).toEqual(['email']);
  expect(choose({ ...mute, own: false }, narrower)).toEqual(['email']);
});

it.each([
  ['on the channels of the matrix', [{ type: '*', channels: ['in_app', 'email'] as const }]],
  ['on no channel', [{ type: '*', channels: [] }]],
])(
  'what a recipient chose for one matter counts where others are taken %s, unless those are muted',
  (_, notifications) => {
    const own = { ...plainPreferences, notifications };
    const asked = { channels: ['sms'] as const };
    expect(chooseChannels(taskAssigned, asked, own)).toEqual([]);
    expect(chooseChannels(taskAssigned, { ...asked, chosen_by_recipient: true }, own)).toEqual(
      notifications[0]!.channels.length === 0 ? [] : ['sms'],
    );
  },
);
