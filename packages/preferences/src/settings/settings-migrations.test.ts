import { describe, expect, it } from '@jest/globals';
import { notificationChannels } from '@infratraq/kernel';
import fc from 'fast-check';
import { migrateSettings, settingsMigrations } from './settings-migrations.js';
import { settingsSchema, settingsSchemaVersion } from './settings-schema.js';
import { ruleKey } from '../notification-matrix/rule-schema.js';

const text = (maxLength: number) => fc.string({ minLength: 1, maxLength, unit: 'grapheme' });
const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const weekday = fc.integer({ min: 1, max: 7 });
const optional = <Value extends object>(model: { [Key in keyof Value]: fc.Arbitrary<Value[Key]> }) =>
  fc.record(model, { requiredKeys: [] });

const ruleOne = fc
  .record(
    {
      type: text(20),
      channels: fc.uniqueArray(fc.constantFrom(...notificationChannels)),
      entity_type: text(20),
      entity_id: text(20),
    },
    { requiredKeys: ['type', 'channels'] },
  )
  .filter(({ entity_type, entity_id }) => entity_id === undefined || entity_type !== undefined);

/** Settings as version 1 could hold them; it is released, so this never changes. */
const settingsOne = optional({
  locale: fc.constantFrom('en', 'de-AT', 'zh-Hant-TW'),
  time_zone: fc.constantFrom('UTC', 'Europe/Berlin', 'Pacific/Apia'),
  default_project_id: text(50),
  theme: fc.constantFrom('system', 'light', 'dark'),
  first_weekday: weekday,
  notifications: fc.uniqueArray(ruleOne, { selector: ruleKey, maxLength: 20 }),
  quiet_hours: fc
    .record({ enabled: fc.boolean(), from: clock, to: clock, weekdays: fc.uniqueArray(weekday) })
    .filter(({ from, to }) => from !== to),
  digest: fc.record({
    frequency: fc.constantFrom('off', 'hourly', 'daily', 'weekly'),
    at: clock,
    weekday,
  }),
});

/** Settings as version 2 could hold them. */
const settingsTwo = settingsOne.chain((settings) =>
  fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }).map((muted) => ({
    ...settings,
    ...(settings.notifications && {
      notifications: settings.notifications.map((rule, row) => ({ ...rule, muted: muted[row] })),
    }),
  })),
);

describe('settings of version 1', () => {
  it('become valid ones of the present version, and lose nothing', () => {
    fc.assert(
      fc.property(settingsOne, (settings) => {
        const before = structuredClone(settings);
        const migrated = migrateSettings({ schema_version: 1, settings }, 'u-1');
        expect(settingsSchema.parse(migrated)).toEqual(migrated);
        expect(migrated).toMatchObject(settings);
        expect(settings).toEqual(before);
      }),
    );
  });

  it('allow the same channels for the same topics as before', () => {
    fc.assert(
      fc.property(settingsOne, (settings) => {
        const { notifications = [] } = migrateSettings({ schema_version: 1, settings }, 'u-1');
        const allowed = notifications.map(({ muted, channels }) => (muted ? [] : channels));
        expect(allowed).toEqual((settings.notifications ?? []).map(({ channels }) => channels));
        expect(notifications.every(({ muted, channels }) => muted === (channels.length === 0))).toBe(true);
      }),
    );
  });
});

it('settings of version 2 are valid ones of the present version as they are', () => {
  fc.assert(
    fc.property(settingsTwo, (settings) => {
      const migrated = migrateSettings({ schema_version: 2, settings }, 'u-1');
      expect(settingsSchema.parse(migrated)).toEqual(settings);
    }),
  );
});

it('settings of the present version stay as they are', () => {
  const settings = { notifications: [{ type: '*', channels: [], muted: false }] };
  expect(migrateSettings({ schema_version: settingsSchemaVersion, settings }, 'u-1')).toEqual(settings);
});

it('there is a step from every version to the next', () => {
  expect(settingsMigrations).toHaveLength(settingsSchemaVersion - 1);
});
