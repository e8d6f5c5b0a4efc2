import { describe, expect, it } from '@jest/globals';
import { useModels } from '@infratraq/testing';
import { AuditHistory } from './audit-history.js';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { exampleDocuments } from '../example-documents.js';
import type { RowUnknownError } from './row-errors.js';

const database = useModels(EntityChangelog);

type Told = Pick<EntityChangelog, 'entity_type' | 'entity_id' | 'operation'> & Partial<EntityChangelog>;

let commits = 0;

/** Stores the changes of one transaction that committed at the minute; ids follow the order of the calls. */
async function commit(minute: number, ...changes: Told[]): Promise<void> {
  commits += 1;
  const lsn = commits.toString(16).padStart(16, '0');
  await database.models.of(EntityChangelog).insertMany(
    changes.map((change, position) => {
      const {
        omitted_fields: _omitted,
        unchanged_fields: _unchanged,
        unknown_fields: _unknown,
        moved_from: _from,
        moved_to: _to,
        whole_table: _whole,
        ...example
      } = exampleDocuments.EntityChangelog();
      const _id = `main:${lsn}:${position.toString(16).padStart(8, '0')}`;
      const rows = { old_value: null, new_value: null };
      return { ...example, ...rows, _id, position, changed_at: at(minute), ...change };
    }),
  );
}

const at = (minute: number) => new Date(Date.UTC(2026, 0, 15, 10, minute));
const insert = (entity_type: string, entity_id: string, new_value: object): Told =>
  ({ entity_type, entity_id, operation: 'INSERT', new_value }) as Told;
const update = (entity_type: string, entity_id: string, old_value: object | null, new_value: object): Told =>
  ({ entity_type, entity_id, operation: 'UPDATE', old_value, new_value }) as Told;
const remove = (entity_type: string, entity_id: string, old_value: object): Told =>
  ({ entity_type, entity_id, operation: 'DELETE', old_value }) as Told;
const ofTable = (entity_type: string, operation: Told['operation'], new_value: object | null = null): Told =>
  ({ entity_type, entity_id: '*', operation, new_value, whole_table: true }) as Told;
const rename = (from: string, to: string): Told[] => [
  ofTable(from, 'RENAME', { renamed_to: to }),
  ofTable(to, 'RENAME', { renamed_from: from }),
];

const find = (entity_type: string, entity_id: string, minute: number) =>
  new AuditHistory(database.models).findRowAsOf({ entity_type, entity_id }, at(minute));
const rowOf = async (...asked: Parameters<typeof find>) => (await find(...asked)).row;
const codeOf = (...asked: Parameters<typeof find>) =>
  find(...asked).then(
    () => 'found',
    (error: { code: string }) => error.code,
  );

it('tells a row whose key is * from the whole table', async () => {
  await commit(1, insert('stars', '*', { v: 1 }), insert('stars', 'a', { v: 2 }));
  await commit(2, remove('stars', '*', { v: 1 }));
  expect(await rowOf('stars', '*', 1)).toEqual({ v: 1 });
  expect(await rowOf('stars', 'a', 2)).toEqual({ v: 2 });
  expect(await codeOf('stars', '*', 2)).toBe('audit.row-deleted');
  await commit(3, ofTable('stars', 'TRUNCATE'));
  expect(await codeOf('stars', 'a', 3)).toBe('audit.row-deleted');
});

describe('a key that two rows hold for a while', () => {
  const [one, two] = [
    { id: 1, v: 'a' },
    { id: 2, v: 'b' },
  ];

  it('belongs to the row that is left of it', async () => {
    await commit(1, insert('pairs', '1', one), insert('pairs', '2', two));
    await commit(
      2,
      { ...remove('pairs', '1', one), moved_to: '2' },
      { ...insert('pairs', '2', { id: 2, v: 'a' }), moved_from: '1' },
      { ...remove('pairs', '2', two), moved_to: '1' },
      { ...insert('pairs', '1', { id: 1, v: 'b' }), moved_from: '2' },
    );
    expect(await rowOf('pairs', '1', 2)).toEqual({ id: 1, v: 'b' });
    expect(await rowOf('pairs', '2', 2)).toEqual({ id: 2, v: 'a' });
    expect(await rowOf('pairs', '2', 1)).toEqual(two);
  });

  it('belongs to the row from before where the other one went', async () => {
    await commit(1, insert('halves', '1', one));
    await commit(2, insert('halves', '1', { id: 1, v: 'c' }), remove('halves', '1', { id: 1, v: 'c' }));
    expect(await rowOf('halves', '1', 2)).toEqual(one);
  });

  it('is told from its first transaction alone, where the trail begins with it', async () => {
    await commit(2, insert('late', '1', { id: 1, v: 'c' }), remove('late', '1', one));
    expect(await rowOf('late', '1', 1)).toEqual(one);
  });
});

it('is told where its key went', async () => {
  await commit(1, insert('moves', '1', { id: 1 }));
  await commit(2, { ...remove('moves', '1', { id: 1 }), moved_to: '10' }, insert('moves', '10', { id: 10 }));
  expect(await codeOf('moves', '10', 1)).toBe('audit.row-not-yet-existing');
  await expect(find('moves', '1', 2)).rejects.toMatchObject({
    code: 'audit.row-deleted',
    message: expect.stringContaining('its key has been 10 since'),
  });
});

it('follows the log, not the clock, where the clock was set back', async () => {
  await commit(5, insert('clocks', '1', { v: 1 }));
  await commit(6, update('clocks', '1', { v: 1 }, { v: 2 }));
  await commit(3, update('clocks', '1', { v: 2 }, { v: 3 }));
  expect(await rowOf('clocks', '1', 7)).toEqual({ v: 3 });
  expect(await rowOf('clocks', '1', 4)).toEqual({ v: 3 });
});

it('finds the last of more changes at one instant than are looked at', async () => {
  const updates = Array.from({ length: 60 }, (_, v) => update('spins', '1', { v: v - 1 }, { v }));
  await commit(1, insert('spins', '1', { v: -1 }), ...updates);
  expect(await rowOf('spins', '1', 1)).toEqual({ v: 59 });
});

describe('a table under another name', () => {
  it('has its rows under the name of the time, and is found under its later one', async () => {
    await commit(1, insert('works', '1', { v: 1 }), insert('works', '2', { v: 2 }));
    await commit(3, ...rename('works', 'jobs'));
    await commit(5, update('jobs', '2', { v: 2 }, { v: 3 }));
    expect(await rowOf('works', '1', 2)).toEqual({ v: 1 });
    expect(await rowOf('jobs', '1', 4)).toEqual({ v: 1 });
    expect(await find('jobs', '1', 2)).toMatchObject({ row: { v: 1 }, known_as: 'works' });
    expect(await rowOf('jobs', '2', 5)).toEqual({ v: 3 });
    await expect(find('works', '1', 4)).rejects.toMatchObject({
      code: 'audit.table-renamed',
      message: expect.stringContaining('called jobs since'),
    });
  });

  it('has its history under all its names, page by page, and says them', async () => {
    const history = new AuditHistory(database.models);
    const jobs = { entity_type: 'jobs', entity_id: '2' };
    const first = await history.listEntityChanges(jobs, {}, { limit: 1 });
    const second = await history.listEntityChanges(jobs, {}, { limit: 1, cursor: first.next_cursor! });
    expect([...first.items, ...second.items].map(({ entity_type }) => entity_type)).toEqual([
      'jobs',
      'works',
    ]);
    expect(first.also_known_as).toEqual([{ entity_type: 'works', until: at(3) }]);
    expect(second.next_cursor).toBeNull();
    expect(await history.listEntityChanges({ entity_type: 'works', entity_id: '2' })).toMatchObject({
      items: [{ operation: 'INSERT' }],
      renamed_to: { entity_type: 'jobs', at: at(3) },
    });
    expect((await history.listFieldChanges(jobs, 'title')).also_known_as).toHaveLength(1);
  });

  it('keeps its rows apart from those of the table that it swapped names with', async () => {
    await commit(1, insert('blue', '1', { v: 'old' }), insert('green', '1', { v: 'new' }));
    await commit(2, ...rename('blue', 'between'), ...rename('green', 'blue'), ...rename('between', 'green'));
    expect(await rowOf('blue', '1', 1)).toEqual({ v: 'old' });
    expect(await rowOf('blue', '1', 2)).toEqual({ v: 'new' });
    expect(await rowOf('green', '1', 2)).toEqual({ v: 'old' });
    const { items, also_known_as } = await new AuditHistory(database.models).listEntityChanges({
      entity_type: 'blue',
      entity_id: '1',
    });
    expect(items).toMatchObject([{ entity_type: 'green', new_value: { v: 'new' } }]);
    expect(also_known_as).toEqual([{ entity_type: 'green', until: at(2) }]);
  });

  it('is another table where one was dropped before', async () => {
    await commit(1, insert('lots', '1', { v: 1 }));
    await commit(2, ofTable('lots', 'DROP'));
    await commit(3, ...rename('parcels', 'lots'));
    expect(await codeOf('lots', '1', 4)).toBe('audit.row-unknown');
    expect(await codeOf('lots', '2', 1)).toBe('audit.row-unknown');
    await commit(5, update('lots', '1', { v: 8 }, { v: 9 }));
    expect(await rowOf('lots', '1', 4)).toEqual({ v: 8 });
    expect(await find('lots', '1', 2)).toMatchObject({ row: { v: 8 }, known_as: 'parcels' });
  });
});

describe('a table that was altered', () => {
  const columns = [{ name: 'id' }, { name: 'b', was: 'a' }, { name: 'n', added: true, value: 7 }];

  it('has its rows by the columns of the time', async () => {
    await commit(1, insert('altered', '1', { id: 1, a: 'x', c: 'gone' }));
    await commit(2, ofTable('altered', 'ALTER', { columns, dropped: ['c'] }));
    await commit(
      3,
      ofTable('altered', 'ALTER', {
        columns: [{ name: 'id' }, { name: 'b' }, { name: 'm', was: 'n' }],
        dropped: [],
      }),
    );
    expect(await rowOf('altered', '1', 1)).toEqual({ id: 1, a: 'x', c: 'gone' });
    expect(await rowOf('altered', '1', 2)).toEqual({ id: 1, b: 'x', n: 7 });
    expect(await rowOf('altered', '1', 3)).toEqual({ id: 1, b: 'x', m: 7 });
  });

  it('is read backwards too, where only a later change tells the row', async () => {
    await commit(2, ofTable('before', 'ALTER', { columns, dropped: ['c'] }));
    await commit(3, remove('before', '1', { id: 1, b: 'x', n: 9 }));
    expect(await find('before', '1', 1)).toMatchObject({ row: { id: 1, a: 'x' }, unknown_fields: ['c'] });
  });

  it('leaves out what was computed for each row, and says so', async () => {
    await commit(1, insert('computed', '1', { id: 1, v: 2 }));
    const told = [{ name: 'id' }, { name: 'v', unknown: true }, { name: 'made', added: true }];
    await commit(2, ofTable('computed', 'ALTER', { columns: told, dropped: [] }));
    expect(await find('computed', '1', 2)).toMatchObject({ row: { id: 1 }, unknown_fields: ['v', 'made'] });
  });

  it('has other rows under the ids of another key', async () => {
    await commit(1, insert('keyed', '1', { id: 1, code: 2 }));
    await commit(
      2,
      ofTable('keyed', 'ALTER', { columns: [{ name: 'id' }, { name: 'code' }], dropped: [], key: ['code'] }),
    );
    expect(await codeOf('keyed', '1', 2)).toBe('audit.row-unknown');
    expect(await rowOf('keyed', '1', 1)).toEqual({ id: 1, code: 2 });
  });
});

describe('a value that the log left out', () => {
  it('is that of an earlier change, also of one under another key or name of the column', async () => {
    await commit(1, insert('texts', '1', { id: 1, big: 'long', v: 1 }));
    await commit(2, { ...update('texts', '1', null, { id: 1, v: 2 }), unchanged_fields: ['big'] });
    expect(await rowOf('texts', '1', 2)).toEqual({ id: 1, big: 'long', v: 2 });
    await commit(
      3,
      { ...remove('texts', '1', { id: 1 }), moved_to: '2', unknown_fields: ['big', 'v'] },
      { ...insert('texts', '2', { id: 2, v: 2 }), moved_from: '1', unchanged_fields: ['big'] },
    );
    await commit(
      4,
      ofTable('texts', 'ALTER', {
        columns: [{ name: 'id' }, { name: 'text', was: 'big' }, { name: 'v' }],
        dropped: [],
      }),
    );
    await commit(5, { ...update('texts', '2', null, { id: 2, v: 3 }), unchanged_fields: ['text'] });
    expect(await rowOf('texts', '2', 5)).toEqual({ id: 2, text: 'long', v: 3 });
  });

  it('is unknown, and named, where no earlier change tells it', async () => {
    await commit(1, { ...update('blobs', '1', null, { id: 1, v: 2 }), unchanged_fields: ['big'] });
    expect(await find('blobs', '1', 1)).toMatchObject({ row: { id: 1, v: 2 }, unknown_fields: ['big'] });
    await commit(2, { ...remove('blobs', '2', { id: 2 }), unknown_fields: ['big', 'v'] });
    expect(await find('blobs', '2', 1)).toMatchObject({ row: { id: 2 }, unknown_fields: ['big', 'v'] });
    expect(await codeOf('blobs', '1', 0)).toBe('audit.row-unknown');
  });

  it('is named where it was too large for the trail', async () => {
    const big = { omitted_bytes: 9, omitted_sha256: 'x' };
    await commit(1, { ...insert('scans', '1', { id: 1, big }), omitted_fields: ['big'] });
    expect(await find('scans', '1', 1)).toMatchObject({ row: { big }, omitted_fields: ['big'] });
  });
});

describe('what is not known', () => {
  it('says since when, why, when it is known again, and what makes it known', async () => {
    await commit(1, insert('my "plans"', '1', { v: 1 }));
    await commit(2, ofTable('my "plans"', 'GAP', { reason: 'is unlogged: its changes are not in the log' }));
    const unknown = { code: 'audit.row-unknown', status: 404 };
    await expect(find('my "plans"', '1', 3)).rejects.toMatchObject({
      ...unknown,
      message: `What my "plans" 1 was at 2026-01-15T10:03:00.000Z is not known, since 2026-01-15T10:02:00.000Z: is unlogged: its changes are not in the log. Its next change makes it known from then on, or now: infratraq capture snapshot 'my "plans"'`,
    });
    await commit(4, { ...insert('my "plans"', '1', { v: 2 }), operation: 'SNAPSHOT' });
    const error = (await find('my "plans"', '1', 3).catch((one: unknown) => one)) as RowUnknownError;
    expect(error.members).toEqual({
      unknown_since: at(2),
      unknown_because: 'is unlogged: its changes are not in the log',
      known_again_at: at(4),
      remedy: `infratraq capture snapshot 'my "plans"'`,
    });
    expect(await rowOf('my "plans"', '1', 4)).toEqual({ v: 2 });
  });

  it('is every row while only some changes of its table are told', async () => {
    const reason = 'the publication does not tell everything of it any more';
    await commit(1, insert('crews', '1', { v: 1 }));
    await commit(2, ofTable('crews', 'GAP', { reason, lasting: true }));
    await commit(3, insert('crews', '2', { v: 1 }));
    await commit(4, remove('crews', '2', { v: 2 }));
    expect(await rowOf('crews', '1', 1)).toEqual({ v: 1 });
    for (const [id, minute] of [
      ['1', 2],
      ['2', 3],
      ['2', 4],
    ] as const)
      expect(await codeOf('crews', id, minute)).toBe('audit.row-unknown');
    await commit(5, ...rename('crews', 'teams'));
    expect(await codeOf('crews', '2', 5)).toBe('audit.table-renamed');
    expect(await codeOf('teams', '2', 5)).toBe('audit.row-unknown');
    await commit(6, ofTable('teams', 'GAP', { reason: 'taken in: what was before is not known' }));
    await commit(7, insert('teams', '2', { v: 3 }));
    expect(await codeOf('teams', '2', 6)).toBe('audit.row-not-yet-existing');
    expect(await rowOf('teams', '2', 7)).toEqual({ v: 3 });
    const error = (await find('crews', '1', 2).catch((one: unknown) => one)) as RowUnknownError;
    expect(error.members).toMatchObject({ unknown_because: reason, unknown_since: at(2) });
    await commit(8, ofTable('teams', 'GAP', { reason, lasting: true }), ofTable('teams', 'DROP'));
    expect(await codeOf('teams', '2', 8)).toBe('audit.row-deleted');
  });

  it('is a row that its table may have lost before the trail told of it', async () => {
    await commit(2, ofTable('cleared', 'TRUNCATE'));
    await commit(3, insert('cleared', '1', { v: 1 }));
    expect(await codeOf('cleared', '1', 1)).toBe('audit.row-unknown');
    expect(await codeOf('cleared', '1', 2)).toBe('audit.row-deleted');
  });
});
