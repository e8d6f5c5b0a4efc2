import { describe, expect, it } from '@jest/globals';
import type { components } from './api/generated.js';
import { Problem, readProblem, shouldRetry, toProblem } from './api/problem.js';
import {
  formatAgo,
  formatBytes,
  formatCategory,
  formatChange,
  formatCount,
  formatIndexKey,
  formatRate,
  formatSeconds,
  formatShortCount,
  formatSize,
  formatState,
  measureFullness,
  toLocalInput,
} from './format.js';
import { readSession } from './session.js';
import { compareOverviews } from './store/compare-overviews.js';
import { filterCategories } from './store/filter-categories.js';

type CollectionSummary = components['schemas']['Collection'];
type StoreOverview = components['schemas']['StoreOverview'];

function summary(name: string, documents: number): CollectionSummary {
  return {
    name,
    category: 'audit',
    purpose: 'Changes',
    state: 'active',
    documents,
    counted_at: '2026-11-30T00:00:00.000Z',
    size_bytes: documents * 500,
    size_is_estimated: false,
    expected_bytes: 1_000_000,
    warn_bytes: 1_500_000,
    retention: '90 d',
    retention_kind: 'fixed',
    growth: { pattern: 'high', document_bytes: 500, documents_per_day: 1_000 },
    archive: 'never',
    events: { recorded: documents, written: documents, rejected: 0 },
  };
}

function overview(second: number, events: number, counts: Record<string, number>): StoreOverview {
  const collections = Object.entries(counts).map(([name, documents]) => summary(name, documents));
  return {
    categories: [{ name: 'audit', collections }],
    totals: {
      collections: collections.length,
      documents: 0,
      size_bytes: 0,
      size_is_estimated: false,
      events_recorded: events,
    },
    engine: { name: 'MongoDB', version: '8.0', missing: [] },
    indexes: { pending: [], building: null },
    as_of: new Date(Date.UTC(2030, 0, 1, 0, 0, second)).toISOString(),
  };
}

describe('live counts', () => {
  const first = compareOverviews(undefined, overview(0, 100, { entity_changelog: 10, field_audit_log: 4 }));

  it('shows nothing as moving on the first look', () => {
    expect(first).toMatchObject({ moved: {}, eventsPerSecond: null, rates: [] });
  });

  it('names what moved, up and down, and leaves out what stood still', () => {
    const second = compareOverviews(first, overview(2, 100, { entity_changelog: 24, field_audit_log: 4 }));
    expect(second.moved).toEqual({ entity_changelog: 14 });
    const third = compareOverviews(second, overview(4, 100, { entity_changelog: 21, field_audit_log: 4 }));
    expect(third.moved).toEqual({ entity_changelog: -3 });
  });

  it('does not show a collection that has just appeared as growth', () => {
    expect(compareOverviews(first, overview(2, 100, { error_log: 900 })).moved).toEqual({});
  });

  it('divides events by the time that really passed between two polls', () => {
    expect(compareOverviews(first, overview(2, 130, {})).eventsPerSecond).toBe(15);
    expect(compareOverviews(first, overview(30, 130, {})).eventsPerSecond).toBe(1);
  });

  it('keeps the last rate when the counter fell with a restart or too little time passed', () => {
    const second = compareOverviews(first, overview(2, 130, {}));
    expect(compareOverviews(second, overview(4, 0, {})).eventsPerSecond).toBe(15);
    expect(compareOverviews(second, overview(2, 160, {})).eventsPerSecond).toBe(15);
  });

  it('remembers two minutes of rates, the latest last', () => {
    let live = first;
    for (let poll = 1; poll <= 70; poll += 1)
      live = compareOverviews(live, overview(poll, 100 + poll ** 2, {}));
    expect(live.rates).toHaveLength(60);
    expect(live.rates.at(-1)).toBe(70 ** 2 - 69 ** 2);
  });
});

describe('the filter', () => {
  const { categories } = overview(0, 0, { entity_changelog: 1, field_audit_log: 1 });

  it('keeps the names that contain the text, whatever its case, spaces as underscores', () => {
    const names = (text: string) =>
      filterCategories(categories, text).flatMap(({ collections }) => collections.map(({ name }) => name));
    expect(names(' Audit Log ')).toEqual(['field_audit_log']);
    expect(names('')).toEqual(['entity_changelog', 'field_audit_log']);
  });

  it('drops a category that has nothing left', () => {
    expect(filterCategories(categories, 'webhook')).toEqual([]);
  });
});

describe('figures', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_536, '1.54 kB'],
    [999_999, '1 MB'],
    [18_600_000_000, '18.6 GB'],
    [4e18, '4000 PB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('marks a size that is estimated', () => {
    expect(formatSize({ size_bytes: 1_536, size_is_estimated: true })).toBe('≈ 1.54 kB');
    expect(formatSize({ size_bytes: 1_536, size_is_estimated: false })).toBe('1.54 kB');
    expect(formatSize({ size_bytes: 0, size_is_estimated: true })).toBe('0 B');
  });

  it('groups counts, shortens them where room is short, and signs changes', () => {
    expect(formatCount(12_408)).toBe('12,408');
    expect(formatShortCount(250_000)).toBe('250K');
    expect(formatChange(1_400)).toBe('+1,400');
    expect(formatChange(-3)).toBe('−3');
  });

  it('gives rates one decimal while they are small', () => {
    expect([0, 0.25, 14.04, 1_234.5].map(formatRate)).toEqual(['0', '0.3', '14', '1,235']);
  });

  it('measures size against expectation, and warns only beyond the warning size', () => {
    const sizes = { expected_bytes: 100, warn_bytes: 150 };
    expect(measureFullness({ size_bytes: 25, ...sizes })).toEqual({ percent: 25, overWarning: false });
    expect(measureFullness({ size_bytes: 150, ...sizes })).toEqual({ percent: 100, overWarning: false });
    expect(measureFullness({ size_bytes: 151, ...sizes })).toEqual({ percent: 100, overWarning: true });
    expect(measureFullness({ size_bytes: 0, expected_bytes: 0, warn_bytes: 0 }).percent).toBe(0);
    expect(String(measureFullness({ size_bytes: 26, expected_bytes: 73e9, warn_bytes: 1e12 }).percent)).toBe(
      '0',
    );
  });

  it('says spans of time in their largest whole unit', () => {
    const now = Date.UTC(2030, 0, 2);
    const ago = (seconds: number) => formatAgo(new Date(now - seconds * 1000).toISOString(), now);
    expect([59, 60, 7_199, 86_400].map(ago)).toEqual(['just now', '1 minute ago', '1 hour ago', '1 day ago']);
    expect([220_752_000, 7_776_000, 3_600, 90].map(formatSeconds)).toEqual(['7 y', '90 d', '1 h', '90 s']);
  });
});

describe('times in forms', () => {
  it('shows an instant as local time, and nothing for what is none', () => {
    const instant = '2030-01-02T03:04:05.000Z';
    expect(new Date(toLocalInput(instant)).toISOString()).toBe(instant);
    expect(toLocalInput('soon')).toBe('');
  });
});

describe('sessions', () => {
  const tokenOf = (claims: object) =>
    `header.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.seal`;

  it('reads who a token is for, in any script', () => {
    const token = tokenOf({ sub: 'zoë', roles: ['operator'] });
    expect(readSession(token)).toEqual({ token, user: 'zoë', roles: ['operator'] });
  });

  it.each(['', 'text', 'a.b.c', tokenOf({ sub: 'u-1' }), tokenOf([])])('takes %j for no token', (text) => {
    expect(readSession(text)).toBeNull();
  });
});

describe('names', () => {
  it('writes categories, states and index keys for people', () => {
    expect(['audit', 'ai'].map(formatCategory)).toEqual(['Audit', 'AI']);
    expect(['ttl_expiring', 'archived'].map(formatState)).toEqual(['TTL expiring', 'Archived']);
    expect(formatIndexKey({ entity_type: 1, changed_at: -1, body: 'text' })).toBe(
      'entity_type ↑, changed_at ↓, body text',
    );
  });
});

describe('problems', () => {
  it('shows what the server says is wrong', async () => {
    const body = { title: 'Conflict', status: 409, code: 'lifecycle.transition', detail: 'It is archived.' };
    expect(await readProblem(Response.json(body, { status: 409 }))).toMatchObject(body);
  });

  it('names an answer that is no problem document by its status', async () => {
    const page = new Response('<html>Bad gateway</html>', { status: 502, statusText: 'Bad Gateway' });
    expect(await readProblem(page)).toMatchObject({ status: 502, title: 'Bad Gateway', code: 'http.502' });
  });

  it('tells a server that does not answer from one that refuses, and asks only the first again', () => {
    const lost = toProblem(new TypeError('Failed to fetch'));
    expect(lost).toMatchObject({ status: 0, code: 'network', detail: 'Failed to fetch' });
    expect(shouldRetry(0, new TypeError('Failed to fetch'))).toBe(true);
    expect(shouldRetry(0, new Problem(403, 'Forbidden', 'role.missing', 'Operators only.'))).toBe(false);
    expect(shouldRetry(1, new TypeError('Failed to fetch'))).toBe(false);
  });
});
