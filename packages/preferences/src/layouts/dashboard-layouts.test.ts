import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Role } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import fc from 'fast-check';
import { DashboardLayout, type LayoutShare } from '../collections/dashboard-layout.js';
import { DashboardLayouts } from './dashboard-layouts.js';
import { layoutSchema, type LayoutInput } from './layout-schema.js';

const widget = (widget_id: string, column: number, row: number, width = 4, height = 2) => ({
  widget_id,
  column,
  row,
  width,
  height,
  kind: 'number',
  source: { kind: 'metric' as const, reference: 'work_orders_overdue' },
});
const arranged: LayoutInput = { name: 'Portfolio', widgets: [widget('one', 0, 0), widget('two', 4, 0)] };
const page = { limit: 50 };

describe('layouts of dashboards', () => {
  const database = useModels(DashboardLayout);
  const organisations = new Map<string, string>();
  const layouts = () =>
    new DashboardLayouts({ models: database.models, organisationOf: async (id) => organisations.get(id) });
  const newPerson = (organisation?: string, ...roles: Role[]) => {
    const user_id = `u-${randomUUID()}`;
    if (organisation !== undefined) organisations.set(user_id, organisation);
    return { user_id, roles: roles.length > 0 ? roles : (['member'] as Role[]) };
  };
  const share = (kind: LayoutShare['kind'], id: string, access: LayoutShare['access']): LayoutInput => ({
    ...arranged,
    shared_with: [{ kind, id, access }],
  });
  const unknown = expect.objectContaining({ code: 'layouts.unknown', status: 404 });

  it('let one of many writers of a version pass, and tell the others', async () => {
    const person = newPerson();
    for (const version of [0, 1]) {
      const names = ['one', 'two', 'three', 'four'];
      const outcomes = await Promise.allSettled(
        names.map((name) => layouts().write(person, 'portfolio', { ...arranged, name }, version)),
      );
      const winner = names.filter((_, index) => outcomes[index]?.status === 'fulfilled');
      expect(winner).toHaveLength(1);
      expect(await layouts().read(person.user_id, 'portfolio')).toMatchObject({
        version: version + 1,
        name: winner[0],
      });
      for (const outcome of outcomes)
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ code: 'preferences.stale' });
    }
  });

  it('are seen by those they are shared with and by nobody else', async () => {
    const [owner, colleague, stranger] = [newPerson('water'), newPerson('water'), newPerson('rail')];
    const { layout_id } = await layouts().write(
      owner,
      'portfolio',
      share('organisation', 'water', 'view'),
      0,
    );
    expect(await layouts().readShared(colleague, layout_id!)).toMatchObject({
      access: 'view',
      user_id: owner.user_id,
      widgets: arranged.widgets,
    });
    const { items } = await layouts().listShared(colleague, false, page);
    expect(items.map((item) => item.layout_id)).toEqual([layout_id]);
    expect(await layouts().readShared(owner, layout_id!)).toMatchObject({ access: 'own' });
    await expect(layouts().readShared(stranger, layout_id!)).rejects.toEqual(unknown);
    expect((await layouts().listShared(stranger, false, page)).items).toEqual([]);
    await expect(layouts().readShared(stranger, 'nonsense')).rejects.toEqual(unknown);
  });

  it('tell a role from a user of the same name', async () => {
    const owner = newPerson(undefined, 'admin');
    const { layout_id } = await layouts().write(owner, 'd', share('user', 'auditor', 'view'), 0);
    const auditor = newPerson(undefined, 'auditor');
    await expect(layouts().readShared(auditor, layout_id!)).rejects.toEqual(unknown);
    expect((await layouts().listShared(auditor, false, page)).items).toEqual([]);
    const named = { user_id: 'auditor', roles: [] };
    expect((await layouts().listShared(named, false, page)).items).toHaveLength(1);
  });

  it('are changed by others only where they are shared for editing, and never shared on by them', async () => {
    const owner = newPerson();
    const [reader, editor] = [newPerson(), newPerson()];
    const shared_with: LayoutShare[] = [
      { kind: 'user', id: reader.user_id, access: 'view' },
      { kind: 'user', id: editor.user_id, access: 'edit' },
    ];
    const { layout_id } = await layouts().write(owner, 'portfolio', { ...arranged, shared_with }, 0);
    const changed: LayoutInput = { ...arranged, name: 'Changed', shared_with: [] };
    await expect(layouts().writeShared(reader, layout_id!, changed, 1)).rejects.toMatchObject({
      code: 'layouts.read-only',
    });
    await expect(layouts().copy(reader, layout_id!, 'mine', 0)).rejects.toMatchObject({
      code: 'layouts.no-copy',
    });
    const written = await layouts().writeShared(editor, layout_id!, changed, 1);
    expect(written).toMatchObject({ name: 'Changed', version: 2, shared_with, user_id: owner.user_id });
    await expect(layouts().writeShared(editor, layout_id!, changed, 1)).rejects.toMatchObject({
      code: 'preferences.stale',
    });
    expect(await layouts().read(owner.user_id, 'portfolio')).toMatchObject({ name: 'Changed', version: 2 });
  });

  it('are copied into a layout of one’s own, which then goes its own way', async () => {
    const [owner, colleague] = [newPerson(), newPerson()];
    const given = share('user', colleague.user_id, 'copy');
    const { layout_id } = await layouts().write(owner, 'portfolio', given, 0);
    const copy = await layouts().copy(colleague, layout_id!, 'mine', 0);
    expect(copy).toMatchObject({
      user_id: colleague.user_id,
      dashboard_id: 'mine',
      template_id: layout_id,
      widgets: arranged.widgets,
      shared_with: [],
    });
    await expect(layouts().copy(colleague, layout_id!, 'mine', 0)).rejects.toMatchObject({
      code: 'preferences.stale',
    });
    await layouts().write(owner, 'portfolio', { ...given, widgets: [] }, 1);
    expect((await layouts().read(colleague.user_id, 'mine')).widgets).toHaveLength(2);
  });

  it('serve as templates to an organisation', async () => {
    const organisation = `o-${randomUUID()}`;
    const [office, colleague] = [newPerson(organisation), newPerson(organisation)];
    const template = { ...share('organisation', organisation, 'view'), is_template: true };
    const { layout_id } = await layouts().write(office, 'site-manager', template, 0);
    expect((await layouts().listShared(colleague, false, page)).items).toEqual([]);
    const { items } = await layouts().listShared(colleague, true, page);
    expect(items).toMatchObject([{ layout_id, name: 'Portfolio', access: 'view' }]);
    expect(await layouts().copy(colleague, layout_id!, 'portfolio', 0)).toMatchObject({
      version: 1,
      is_template: false,
      template_id: layout_id,
    });
    expect((await layouts().listOwn(colleague.user_id, page)).items).toMatchObject([{ access: 'own' }]);
  });

  it('are shared with groups that one belongs to, and with anybody by the office', async () => {
    const person = newPerson('water');
    for (const foreign of [
      share('organisation', 'rail', 'view'),
      share('role', 'admin', 'view'),
      share('everyone', '*', 'view'),
    ]) {
      await expect(layouts().write(person, 'd', foreign, 0)).rejects.toMatchObject({
        code: 'layouts.share',
        status: 403,
      });
      const operator = newPerson(undefined, 'operator');
      expect(await layouts().write(operator, 'd', foreign, 0)).toMatchObject({ version: 1 });
    }
    await layouts().write(person, 'd', share('user', 'u-anybody', 'edit'), 0);
  });
});

it('widgets lie on the grid and on nothing else, wherever they are put', () => {
  const place = fc.record({
    column: fc.integer({ min: 0, max: 13 }),
    row: fc.integer({ min: 0, max: 8 }),
    width: fc.integer({ min: 1, max: 6 }),
    height: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 6 }), (places) => {
      const cells = places.flatMap(({ column, row, width, height }) =>
        Array.from({ length: width * height }, (_, cell) => [
          column + (cell % width),
          row + Math.floor(cell / width),
        ]),
      );
      const isSound =
        new Set(cells.map(String)).size === cells.length && cells.every(([column]) => column! < 12);
      const widgets = places.map(({ column, row, width, height }, index) =>
        widget(`w${index}`, column, row, width, height),
      );
      expect(layoutSchema.safeParse({ name: 'any', widgets }).success).toBe(isSound);
    }),
  );
});
