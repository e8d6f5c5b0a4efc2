import { beforeAll, describe, expect, it } from '@jest/globals';
import { useModels } from '@infratraq/testing';
import { AuditHistory } from './audit-history.js';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { exampleDocuments } from '../example-documents.js';

const database = useModels(EntityChangelog);
const bridge = { entity_type: 'work_orders', entity_id: '42' };
const everything = { entity_type: '*', entity_id: '*' };
const at = (time: string): Date => new Date(`2026-01-15T${time}Z`);

function changeOf(position: number, changed_at: Date, given: Partial<EntityChangelog>): EntityChangelog {
  // The log's order is that of the commits, which are at different times here.
  const lsn = changed_at.getTime().toString(16).padStart(16, '0');
  const _id = `demo:${lsn}:${position.toString(16).padStart(8, '0')}`;
  const { moved_to: _to, moved_from: _from, ...example } = exampleDocuments.EntityChangelog();
  return { ...example, position, _id, changed_at, ...given };
}

beforeAll(async () => {
  await database.models.of(EntityChangelog).insertMany([
    changeOf(1, at('08:00:00'), {
      operation: 'INSERT',
      old_value: null,
      new_value: { id: 42, title: 'one' },
    }),
    // One transaction that touched the row twice, stored out of order as a replay may do.
    changeOf(3, at('09:00:00'), { new_value: { id: 42, title: 'three' }, changed_by: 'u-foreman-1' }),
    changeOf(2, at('09:00:00'), { new_value: { id: 42, title: 'two' } }),
    changeOf(4, at('10:00:00'), { operation: 'DELETE', new_value: null, cause_id: 'cause-delete' }),
    changeOf(5, at('10:00:00'), {
      entity_id: '43',
      old_value: { id: 43, title: 'before the trail' },
      new_value: { id: 43, title: 'known' },
      cause_id: 'cause-delete',
    }),
    changeOf(6, at('11:00:00'), {
      entity_id: '*',
      operation: 'TRUNCATE',
      old_value: null,
      new_value: null,
      changed_by: 'postgres',
    }),
    changeOf(7, at('12:00:00'), { entity_type: 'projects', entity_id: '1', changed_by: 'u-foreman-1' }),
  ]);
});

describe('the row as it was', () => {
  const titleAt = async (entity_id: string, time: Date) => {
    const found = await new AuditHistory(database.models).findRowAsOf({ ...bridge, entity_id }, time);
    return found.row['title'];
  };

  it('is what the last change until then made of it', async () => {
    expect(await titleAt('42', at('08:59:59'))).toBe('one');
    expect(await titleAt('42', at('08:00:00'))).toBe('one');
  });

  it('is what the last of several changes within one transaction made of it', async () => {
    const found = await new AuditHistory(database.models).findRowAsOf(bridge, at('09:30:00'));
    expect(found).toMatchObject({ row: { title: 'three' }, since: { changed_by: 'u-foreman-1' } });
  });

  it('is not there once it was deleted, and who did it is said', async () => {
    await expect(titleAt('42', at('10:30:00'))).rejects.toMatchObject({
      code: 'audit.row-deleted',
      status: 404,
      message: expect.stringContaining('u-engineer-1 deleted it at 2026-01-15T10:00:00.000Z'),
    });
  });

  it('is not there before it was created', async () => {
    await expect(titleAt('42', at('07:00:00'))).rejects.toMatchObject({
      code: 'audit.row-not-yet-existing',
      status: 404,
    });
  });

  it('is what its first known change replaced, when it is older than the trail', async () => {
    expect(await titleAt('43', at('07:00:00'))).toBe('before the trail');
  });

  it('is not there once its table was truncated', async () => {
    expect(await titleAt('43', at('10:59:00'))).toBe('known');
    await expect(titleAt('43', at('11:00:00'))).rejects.toMatchObject({ code: 'audit.row-deleted' });
  });

  it('is not known when nothing ever happened to it', async () => {
    await expect(titleAt('44', at('10:00:00'))).rejects.toMatchObject({ code: 'audit.row-unknown' });
  });
});

describe('the list of changes', () => {
  const idsOf = async (filter: Parameters<AuditHistory['listChanges']>[0]) => {
    const { items } = await new AuditHistory(database.models).listChanges(filter, { limit: 50 });
    return items.map(({ position }) => position);
  };

  it('is narrowed by entity, type, person, cause and time, alone and together', async () => {
    expect(await idsOf({ entity_type: 'projects' })).toEqual([7]);
    expect(await idsOf({ ...bridge, changed_by: 'u-foreman-1' })).toEqual([3]);
    expect(await idsOf({ ...bridge, cause_id: 'cause-delete' })).toEqual([4]);
    expect(await idsOf({ changed_by: 'u-foreman-1' })).toEqual([7, 3]);
    expect(await idsOf({ changed_by: 'u-foreman-1', entity_type: 'projects' })).toEqual([7]);
    expect((await idsOf({ cause_id: 'cause-delete' })).sort()).toEqual([4, 5]);
    expect(await idsOf({ cause_id: 'cause-delete', entity_type: 'projects' })).toEqual([]);
    expect(await idsOf({ from: at('11:00:00'), to: at('12:00:00') })).toEqual([6]);
  });

  it('gives every change once over its pages, changes of one instant too', async () => {
    const history = new AuditHistory(database.models);
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page = await history.listChanges(bridge, { limit: 1, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ position }) => position));
      cursor = page.next_cursor;
    } while (cursor);
    expect(seen[0]).toBe(4);
    expect([...seen].sort()).toEqual([1, 2, 3, 4]);
  });

  it('refuses an id without its type, an empty time range and a foreign cursor', async () => {
    const history = new AuditHistory(database.models);
    const refusal = (code: string) => ({ code, status: 400 });
    await expect(history.listChanges({ entity_id: '42' }, { limit: 5 })).rejects.toMatchObject(
      refusal('audit.entity-type-required'),
    );
    await expect(
      history.listChanges({ from: at('10:00:00'), to: at('10:00:00') }, { limit: 5 }),
    ).rejects.toMatchObject(refusal('time.range'));
    await expect(history.listChanges(bridge, { limit: 5, cursor: 'nonsense' })).rejects.toMatchObject(
      refusal('cursor.invalid'),
    );
  });
});

describe('a gap in the trail', () => {
  const tower = { entity_type: 'towers', entity_id: '1' };
  const find = (time: Date) => new AuditHistory(database.models).findRowAsOf(tower, time);

  it('makes what a row was unknown until a snapshot has read it again', async () => {
    await database.models.of(EntityChangelog).insertMany([
      changeOf(20, at('14:00:00'), {
        ...tower,
        operation: 'INSERT',
        old_value: null,
        new_value: { storeys: 1 },
      }),
      changeOf(21, at('15:00:00'), {
        entity_type: '*',
        entity_id: '*',
        operation: 'GAP',
        old_value: null,
        new_value: { from_lsn: '0/1', until_lsn: '0/2' },
      }),
      changeOf(22, at('16:00:00'), {
        ...tower,
        operation: 'SNAPSHOT',
        old_value: null,
        new_value: { storeys: 3 },
      }),
    ]);
    expect(await find(at('14:30:00'))).toMatchObject({ row: { storeys: 1 } });
    await expect(find(at('15:30:00'))).rejects.toMatchObject({ code: 'audit.row-unknown' });
    expect(await find(at('16:30:00'))).toMatchObject({ row: { storeys: 3 } });
  });

  it('makes what a row was unknown from where the log was lost, not only from where that was told', async () => {
    const dam = { entity_type: 'dams', entity_id: '1' };
    await database.models.of(EntityChangelog).insertMany([
      changeOf(40, at('18:00:00'), { ...dam, operation: 'INSERT', old_value: null, new_value: { m: 1 } }),
      changeOf(41, at('20:00:00'), {
        ...everything,
        operation: 'GAP',
        old_value: null,
        new_value: { from_at: at('19:00:00'), until_at: at('20:00:00'), reason: 'does not exist any more' },
      }),
    ]);
    const history = new AuditHistory(database.models);
    expect(await history.findRowAsOf(dam, at('18:30:00'))).toMatchObject({ row: { m: 1 } });
    await expect(history.findRowAsOf(dam, at('19:30:00'))).rejects.toMatchObject({
      code: 'audit.row-unknown',
      message: expect.stringContaining('does not exist any more'),
    });
  });

  it('of one table concerns no other, and is over for a row with its next change', async () => {
    const [mill, kiln] = ['mills', 'kilns'].map((entity_type) => ({ entity_type, entity_id: '1' }));
    const rows = (n: number) => ({ old_value: null, new_value: { n } });
    await database.models.of(EntityChangelog).insertMany([
      changeOf(50, at('21:00:00'), { ...mill, operation: 'INSERT', ...rows(1) }),
      changeOf(51, at('21:00:00'), { ...kiln, operation: 'INSERT', ...rows(1) }),
      changeOf(52, at('22:00:00'), {
        ...mill,
        entity_id: '*',
        operation: 'GAP',
        old_value: null,
        new_value: { reason: 'left out: too noisy' },
      }),
      changeOf(49, at('21:00:00'), { ...mill, entity_id: '3', operation: 'INSERT', ...rows(1) }),
      changeOf(53, at('23:00:00'), { ...mill, old_value: { n: 2 }, new_value: { n: 3 } }),
      changeOf(54, at('23:00:00'), { ...mill, entity_id: '2', old_value: { n: 4 }, new_value: { n: 5 } }),
    ]);
    const history = new AuditHistory(database.models);
    expect(await history.findRowAsOf(kiln!, at('22:30:00'))).toMatchObject({ row: { n: 1 } });
    // What the next change replaced is what it was since some time in the gap.
    expect(await history.findRowAsOf(mill!, at('22:30:00'))).toMatchObject({ row: { n: 2 }, since: null });
    expect(await history.findRowAsOf(mill!, at('23:30:00'))).toMatchObject({ row: { n: 3 } });
    await expect(history.findRowAsOf({ ...mill!, entity_id: '3' }, at('22:30:00'))).rejects.toMatchObject({
      code: 'audit.row-unknown',
    });
    // First known after the gap: whether it was there before is not.
    const late = { ...mill!, entity_id: '2' };
    await expect(history.findRowAsOf(late, at('21:30:00'))).rejects.toMatchObject({
      code: 'audit.row-unknown',
    });
    expect(await history.findRowAsOf(late, at('22:30:00'))).toMatchObject({ row: { n: 4 } });
  });

  it('is no claim that a row was made when a snapshot first saw it', async () => {
    const pier = { entity_type: 'piers', entity_id: '1' };
    await database.models
      .of(EntityChangelog)
      .create(changeOf(30, at('17:00:00'), { ...pier, operation: 'SNAPSHOT', old_value: null }));
    await expect(new AuditHistory(database.models).findRowAsOf(pier, at('16:30:00'))).rejects.toMatchObject({
      code: 'audit.row-unknown',
    });
  });
});
