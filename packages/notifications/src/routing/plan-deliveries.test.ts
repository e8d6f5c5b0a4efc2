import { describe, expect, it } from '@jest/globals';
import type { RecipientPreferences } from '@infratraq/kernel';
import { z } from 'zod';
import { defineNotificationType } from '../templates/notification-type.js';
import { planDeliveries, readClocksOnce, type RoutingSubject } from './plan-deliveries.js';

const text = { en: { title: 'Title', body: 'Body' } };
const templates = {
  in_app: text,
  push: text,
  email: { en: { subject: 'Title', html: '<p>Body</p>' } },
  sms: { en: { body: 'Body' } },
};
const schema = z.object({});
const plain = defineNotificationType({
  type: 'task.assigned',
  schema,
  templates,
  defaultChannels: ['in_app', 'email'],
});
const preferences: RecipientPreferences = {
  locale: 'en',
  time_zone: 'Europe/Vienna',
  notifications: [],
  quiet_hours: { enabled: false, from: '22:00', to: '07:00', weekdays: [1, 2, 3, 4, 5, 6, 7] },
  digest: { frequency: 'off', at: '08:00', weekday: 1 },
};
const entry = {
  user_id: 'ada',
  name: 'Ada',
  email: 'ada@example.com',
  phone: '+436601234567',
  devices: [{ device_id: 'd', target: { kind: 'fcm' as const, token: 't' } }],
};
const night = new Date('2026-06-01T21:30:00Z');

function plan(given: Partial<RoutingSubject> & { own?: Partial<RecipientPreferences> }) {
  const { own, ...subject } = given;
  return planDeliveries({
    type: plain,
    request: {},
    entry,
    serves: () => true,
    at: night,
    clocks: readClocksOnce(),
    preferences: { ...preferences, ...own },
    ...subject,
  });
}
const channels = (given: Parameters<typeof plan>[0]) => plan(given).map(({ channel }) => channel);

describe('the channels of a notification', () => {
  it("are the type's own where the recipient has chosen none", () => {
    expect(channels({})).toEqual(['in_app', 'email']);
  });

  it("are the type's own, those it falls back to among them, and give way to a row for anything", () => {
    const type = { ...plain, fallback: [{ channel: 'sms' as const, after_seconds: 60 }] };
    expect(channels({ type })).toEqual(['in_app', 'email', 'sms']);
    const own = { notifications: [{ type: '*', channels: ['email'] as const }] };
    expect(channels({ type, own })).toEqual(['email']);
    const other = { notifications: [{ type: 'comment.added', channels: [] }] };
    expect(channels({ own: other })).toEqual(['in_app', 'email']);
  });

  it('are those of the most specific row: an entity, its kind, the type, anything', () => {
    const entity = { entity_type: 'bridge', entity_id: '7' };
    const rules: RecipientPreferences['notifications'] = [
      { type: '*', channels: ['email'] },
      { type: 'task.assigned', channels: ['push'] },
      { type: '*', entity_type: 'bridge', channels: ['sms'] },
      { type: '*', ...entity, channels: ['in_app'] },
    ];
    const withRules = (count: number) =>
      channels({ own: { notifications: rules.slice(0, count) }, request: { entity } });
    expect([1, 2, 3, 4].map(withRules)).toEqual([['email'], ['push'], ['sms'], ['in_app']]);
    expect(channels({ own: { notifications: rules }, request: {} })).toEqual(['push']);
    const other = { entity_type: 'bridge', entity_id: '8' };
    expect(channels({ own: { notifications: rules }, request: { entity: other } })).toEqual(['sms']);
  });

  it('are only those that the sender asked for, that are set up, and for which there is an address', () => {
    const own = { notifications: [{ type: '*', channels: ['in_app', 'email', 'sms'] as const }] };
    expect(channels({ own, request: { channels: ['sms', 'push'] } })).toEqual(['sms']);
    expect(channels({ own, serves: (channel) => channel !== 'sms' })).toEqual(['in_app', 'email']);
    expect(channels({ own, entry: { user_id: 'ada', name: 'Ada', devices: [] } })).toEqual(['in_app']);
  });

  it('are none for a muted type, unless it is critical', () => {
    const own = { notifications: [{ type: 'task.assigned', channels: [] }] };
    expect(channels({ own })).toEqual([]);
    expect(channels({ own, type: { ...plain, critical: true } })).toEqual(['in_app', 'email']);
  });
});

describe('the time of a delivery', () => {
  const quiet = { quiet_hours: { ...preferences.quiet_hours, enabled: true } };

  it('is after quiet hours, but for the inbox and what is critical', () => {
    const [inbox, email] = plan({ own: quiet });
    expect(inbox?.due_at).toEqual(night);
    expect(email?.due_at).toEqual(new Date('2026-06-02T05:00:00Z'));
    expect(plan({ own: quiet, type: { ...plain, critical: true } })[1]?.due_at).toEqual(night);
  });

  it('is that of the digest, and later where the digest falls into quiet hours', () => {
    const own = { ...quiet, digest: { frequency: 'daily', at: '06:00', weekday: 1 } as const };
    expect(plan({ own })[1]).toMatchObject({ collected: true, due_at: new Date('2026-06-02T05:00:00Z') });
    expect(plan({ own: { digest: own.digest } })[1]?.due_at).toEqual(new Date('2026-06-02T04:00:00Z'));
  });
});

describe('a fallback chain', () => {
  const type = defineNotificationType({
    type: 'alert.fired',
    schema,
    templates,
    defaultChannels: ['in_app', 'push', 'sms', 'email'],
    fallback: [
      { channel: 'sms', after_seconds: 60 },
      { channel: 'email', after_seconds: 600 },
    ],
  });
  const timeline = (given: Parameters<typeof plan>[0]) =>
    plan({ type, ...given }).map(({ channel, due_at, fallback_of }) => [
      channel,
      (due_at.getTime() - night.getTime()) / 1_000,
      fallback_of,
    ]);

  it('tries one channel after another, each following the silence of the one before', () => {
    expect(timeline({})).toEqual([
      ['in_app', 0, undefined],
      ['push', 0, undefined],
      ['sms', 60, 'push'],
      ['email', 660, 'sms'],
    ]);
  });

  it('counts silence from when the step before is due, not from the middle of quiet hours', () => {
    const quiet_hours = { ...preferences.quiet_hours, enabled: true };
    const morning = (Date.parse('2026-06-02T05:00:00Z') - night.getTime()) / 1_000;
    expect(timeline({ own: { quiet_hours } })).toEqual([
      ['in_app', 0, undefined],
      ['push', morning, undefined],
      ['sms', morning + 60, 'push'],
      ['email', morning + 660, 'sms'],
    ]);
  });

  it('begins to count anew where a step is held back by quiet hours that have begun meanwhile', () => {
    const quiet_hours = { ...preferences.quiet_hours, enabled: true, from: '23:31' };
    const morning = (Date.parse('2026-06-02T05:00:00Z') - night.getTime()) / 1_000;
    expect(timeline({ own: { quiet_hours } }).slice(1)).toEqual([
      ['push', 0, undefined],
      ['sms', morning, 'push'],
      ['email', morning + 600, 'sms'],
    ]);
  });

  it('leaves out what the recipient does not take, and begins at once with the first that is left', () => {
    const own = { notifications: [{ type: '*', channels: ['sms', 'email'] as const }] };
    expect(timeline({ own })).toEqual([
      ['sms', 0, undefined],
      ['email', 600, 'sms'],
    ]);
  });
});
