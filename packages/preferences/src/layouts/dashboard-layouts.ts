import { ForbiddenError, NotFoundError, type Actor } from '@infratraq/kernel';
import type { Models, Page, PageRequest, Stored } from '@infratraq/mongo';
import { Types } from 'mongoose';
import { z } from 'zod';
import { DashboardLayout, type ShareAccess } from '../collections/dashboard-layout.js';
import { accessOf, listReaders, requireSharing, type LayoutUser } from './layout-access.js';
import { layoutSchema, type LayoutInput } from './layout-schema.js';
import { checkInput, personSchema, versionSchema } from '../writing/check-input.js';
import { findLayout, listLayoutsOfUser, listSharedLayouts } from '../collections/dashboard-layout.queries.js';
import { writeVersioned } from '../writing/write-versioned.js';

/** A layout as it is read; version 0, and without an id, where none has been written. */
export type Layout = z.output<typeof layoutSchema> & {
  layout_id?: string;
  /** Whose it is. */
  user_id: string;
  dashboard_id: string;
  version: number;
};

/** A layout that somebody may use, and how. */
export type SharedLayout = Layout & { access: ShareAccess | 'own' };

type Person = Pick<Actor, 'user_id' | 'roles'>;
const dashboardSchema = z.string().min(1).max(100);
const writtenSchema = z.object({
  person: personSchema,
  dashboard_id: dashboardSchema,
  version: versionSchema,
});
const namedSchema = z.object({ person: personSchema, layout_id: z.string() });

/** Reads, writes and shares how users have arranged their dashboards. */
export class DashboardLayouts {
  readonly #models: Models;
  readonly #organisationOf: (user_id: string) => Promise<string | undefined>;

  /** Without `organisationOf` nobody belongs to one. */
  constructor(options: {
    models: Models;
    organisationOf?: (user_id: string) => Promise<string | undefined>;
  }) {
    this.#models = options.models;
    this.#organisationOf = options.organisationOf ?? (async () => undefined);
  }

  /** A user's layout of a dashboard; an empty one at version 0 where none has been written. */
  async read(user_id: string, dashboard_id: string): Promise<Layout> {
    checkInput(z.object({ user_id: z.string(), dashboard_id: z.string() }), { user_id, dashboard_id });
    const stored = await this.#models.findOne(findLayout, { user_id, dashboard_id });
    if (stored) return withId(stored);
    const empty = { name: dashboard_id, columns: 12, widgets: [], is_template: false, shared_with: [] };
    return { user_id, dashboard_id, version: 0, ...empty };
  }

  /**
   * Replaces the person's own layout of a dashboard.
   * @throws ConflictError `preferences.stale` when `version` is not the latest
   * @throws InvalidInputError `preferences.invalid`
   * @throws ForbiddenError `layouts.share`
   */
  async write(person: Person, dashboard_id: string, layout: LayoutInput, version: number): Promise<Layout> {
    checkInput(writtenSchema, { person, dashboard_id, version });
    const fields = checkInput(layoutSchema, layout);
    requireSharing(fields.shared_with, await this.#identify(person));
    return this.#write({ user_id: person.user_id, dashboard_id }, fields, version);
  }

  /** The layouts that a user has written, by dashboard. */
  async listOwn(user_id: string, page?: PageRequest): Promise<Page<SharedLayout>> {
    checkInput(z.string(), user_id);
    return this.#present(await this.#models.page(listLayoutsOfUser, { user_id }, page), {
      user_id,
      roles: [],
    });
  }

  /** Layouts, or templates, that others have shared with a user, their roles or their organisation. */
  async listShared(person: Person, is_template: boolean, page?: PageRequest): Promise<Page<SharedLayout>> {
    checkInput(z.object({ person: personSchema, is_template: z.boolean() }), { person, is_template });
    const user = await this.#identify(person);
    const readers = listReaders(user);
    return this.#present(
      await this.#models.page(listSharedLayouts, { readers, is_template }, page, {
        list: [user.user_id, is_template],
      }),
      user,
    );
  }

  /** @throws NotFoundError `layouts.unknown` for one that is not shared with the user, too */
  async readShared(person: Person, layout_id: string): Promise<SharedLayout> {
    checkInput(namedSchema, { person, layout_id });
    const user = await this.#identify(person);
    const found = Types.ObjectId.isValid(layout_id)
      ? ((await this.#models
          .of(DashboardLayout)
          .findById(layout_id)
          .lean()) as Stored<DashboardLayout> | null)
      : null;
    const access = found && accessOf(found, user);
    if (!found || !access)
      throw new NotFoundError(`There is no layout ${layout_id} for you`, 'layouts.unknown');
    return { ...withId(found), access };
  }

  /**
   * Writes a layout that is shared for editing; whom it is shared with stays its owner's affair.
   * @throws NotFoundError `layouts.unknown`
   * @throws ForbiddenError `layouts.read-only`
   * @throws ConflictError `preferences.stale` when `version` is not the latest
   * @throws InvalidInputError `preferences.invalid`
   */
  async writeShared(
    person: Person,
    layout_id: string,
    layout: LayoutInput,
    version: number,
  ): Promise<SharedLayout> {
    checkInput(versionSchema, version);
    const { access, user_id, dashboard_id, ...kept } = await this.readShared(person, layout_id);
    if (access === 'own') return { ...(await this.write(person, dashboard_id, layout, version)), access };
    if (access !== 'edit')
      throw new ForbiddenError('This layout is shared with you for reading; copy it', 'layouts.read-only');
    const { is_template, shared_with } = kept;
    const fields = { ...checkInput(layoutSchema, layout), is_template, shared_with };
    return { ...(await this.#write({ user_id, dashboard_id }, fields, version)), access };
  }

  /**
   * Makes a template, or a layout that may be copied, one's own layout of a dashboard.
   * @throws NotFoundError `layouts.unknown`
   * @throws ForbiddenError `layouts.no-copy`
   * @throws ConflictError `preferences.stale` when `version` is not that of the layout that is replaced
   */
  async copy(person: Person, layout_id: string, dashboard_id: string, version: number): Promise<Layout> {
    checkInput(writtenSchema, { person, dashboard_id, version });
    const { access, name, columns, widgets, is_template } = await this.readShared(person, layout_id);
    if (access === 'view' && !is_template)
      throw new ForbiddenError('This layout is shared with you for reading only', 'layouts.no-copy');
    const fields = { name, columns, widgets, is_template: false, shared_with: [], template_id: layout_id };
    return this.#write({ user_id: person.user_id, dashboard_id }, fields, version);
  }

  async #identify({ user_id, roles }: Person): Promise<LayoutUser> {
    return { user_id, roles, organisation_id: await this.#organisationOf(user_id) };
  }

  #present({ items, next_cursor }: Page<Stored<DashboardLayout>>, user: LayoutUser): Page<SharedLayout> {
    const shown = items.flatMap((item) => {
      const access = accessOf(item, user);
      return access ? [{ ...withId(item), access }] : [];
    });
    return { items: shown, next_cursor };
  }

  async #write(
    key: { user_id: string; dashboard_id: string },
    fields: z.output<typeof layoutSchema>,
    version: number,
  ): Promise<Layout> {
    const written = await writeVersioned(this.#models.of(DashboardLayout), {
      what: `the layout of ${key.dashboard_id}`,
      key,
      expected: version,
      fields: { ...fields, template_id: fields.template_id },
      at: new Date(),
    });
    return withId(written);
  }
}

function withId(stored: Stored<DashboardLayout>): Layout & { layout_id: string } {
  return { ...stored, layout_id: String(stored._id) };
}
