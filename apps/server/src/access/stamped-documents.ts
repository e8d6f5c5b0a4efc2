import { SearchIndexCache } from '@infratraq/caches';
import type { EntityReference } from '@infratraq/kernel';
import { CommentThread } from '@infratraq/messaging';
import { trusted, type Models } from '@infratraq/mongo';
import type { Postgres } from '@infratraq/postgres';
import { UserFavorite } from '@infratraq/preferences';
import type { EntityScopes } from './entity-scopes.js';

/** A store of documents that carry the scopes of the entity that they are about. */
interface StampedPlace {
  /** What documents carry, in the order of their entities, after one of these. */
  read(after: EntityReference): AsyncIterable<CarriedStamp>;
  /** Those of these entities that documents are about. */
  among(entities: readonly EntityReference[]): Promise<EntityReference[]>;
  stamp(stamps: readonly EntityStamp[]): Promise<void>;
}

/** The present scopes of an entity. */
interface EntityStamp extends EntityReference {
  readonly scopes: readonly string[];
}

/** What a document carries; nothing where it was written before documents did. */
interface CarriedStamp extends EntityReference {
  readonly scopes?: readonly string[];
}

/** A page of documents that were restamped. */
export interface RestampedPage {
  /** The entity that the next page begins after. */
  readonly last: EntityReference;
  readonly count: number;
}

const stampedClasses = [CommentThread, SearchIndexCache, UserFavorite] as const;
const entityOnly = { _id: 0, entity_type: 1, entity_id: 1 } as const;
const stampOnly = { ...entityOnly, scopes: 1 } as const;

/** Every place whose documents carry scopes. */
export class StampedDocuments {
  readonly #scopes: EntityScopes;
  readonly #places: readonly StampedPlace[];

  constructor(options: { models: Models; postgres: Pick<Postgres, 'pool'>; scopes: EntityScopes }) {
    this.#scopes = options.scopes;
    this.#places = [
      ...stampedClasses.map((stamped) => documentsOf(options.models, stamped)),
      channelsOf(options.postgres),
    ];
  }

  get placeCount(): number {
    return this.#places.length;
  }

  /** Gives the documents about these entities the present scopes. */
  async restamp(entities: readonly EntityReference[]): Promise<void> {
    for (const place of this.#places) await this.#stamp(place, await place.among(entities));
  }

  /** Restamps the documents of a place after an entity, page by page; what carries the present scopes is left alone. */
  async *restampPages(place: number, after: EntityReference, limit: number): AsyncGenerator<RestampedPage> {
    const at = this.#places[place] as StampedPlace;
    let page: CarriedStamp[] = [];
    const restampPage = async (): Promise<RestampedPage> => {
      const { entity_type, entity_id } = page.at(-1) as CarriedStamp;
      await this.#stamp(at, page);
      return { last: { entity_type, entity_id }, count: page.length };
    };
    for await (const carried of at.read(after)) {
      page.push(carried);
      // All documents about one entity belong to one page, so that the next one can begin after it.
      if (page.length <= limit || keyOf(carried) === keyOf(page.at(-2) as CarriedStamp)) continue;
      const next = page.pop() as CarriedStamp;
      yield await restampPage();
      page = [next];
    }
    if (page.length > 0) yield await restampPage();
  }

  async #stamp(place: StampedPlace, carried: readonly CarriedStamp[]): Promise<void> {
    const distinct = [...new Map(carried.map((entity) => [keyOf(entity), entity])).values()];
    if (distinct.length === 0) return;
    const present = await this.#scopes.ofMany(distinct);
    const stamps = new Map(distinct.map((entity, at) => [keyOf(entity), present[at] ?? []]));
    const outdated = new Map<string, EntityStamp>();
    for (const { entity_type, entity_id, scopes } of carried) {
      const key = keyOf({ entity_type, entity_id });
      const now = stamps.get(key) ?? [];
      if (!isSame(scopes, now)) outdated.set(key, { entity_type, entity_id, scopes: now });
    }
    if (outdated.size > 0) await place.stamp([...outdated.values()]);
  }
}

function documentsOf(models: Models, stamped: (typeof stampedClasses)[number]): StampedPlace {
  const model = models.of(stamped as typeof CommentThread);
  return {
    // One query for all pages: the embedded engine sorts all that is left for each.
    read: (after) =>
      model
        .find({
          $or: trusted([
            { entity_type: trusted({ $gt: after.entity_type }) },
            { entity_type: after.entity_type, entity_id: trusted({ $gt: after.entity_id }) },
          ]),
        })
        .sort({ entity_type: 1, entity_id: 1 })
        .select(stampOnly)
        .lean<CarriedStamp[]>()
        .cursor({ batchSize: 500 }) as AsyncIterable<CarriedStamp>,
    among: async (entities) => {
      const ids = entities.map(({ entity_id }) => entity_id);
      const types = [...new Set(entities.map(({ entity_type }) => entity_type))];
      const found = await model
        .find({ entity_type: trusted({ $in: types }), entity_id: trusted({ $in: ids }) })
        .select(entityOnly)
        .lean<EntityReference[]>();
      const asked = new Set(entities.map(keyOf));
      return found.filter((entity) => asked.has(keyOf(entity)));
    },
    async stamp(stamps) {
      await model.bulkWrite(
        stamps.map(({ scopes, ...entity }) => ({
          updateMany: {
            filter: { ...entity, scopes: trusted({ $ne: [...scopes] }) },
            update: { $set: { scopes: [...scopes] } },
          },
        })),
        { ordered: false },
      );
    },
  };
}

function channelsOf({ pool }: Pick<Postgres, 'pool'>): StampedPlace {
  return {
    async *read({ entity_type, entity_id }) {
      const { rows } = await pool.query<CarriedStamp>(
        `select entity_type, entity_id, scopes from infratraq.channels
         where entity_type is not null and entity_id is not null and (entity_type, entity_id) > ($1, $2)
         order by entity_type, entity_id`,
        [entity_type, entity_id],
      );
      yield* rows;
    },
    among: async (entities) =>
      (
        await pool.query<EntityReference>(
          `select distinct entity_type, entity_id from infratraq.channels
           join unnest($1::text[], $2::text[]) as asked (entity_type, entity_id) using (entity_type, entity_id)`,
          [entities.map(({ entity_type }) => entity_type), entities.map(({ entity_id }) => entity_id)],
        )
      ).rows,
    async stamp(stamps) {
      for (const { entity_type, entity_id, scopes } of stamps)
        await pool.query(
          `update infratraq.channels set scopes = $3
           where entity_type = $1 and entity_id = $2 and scopes is distinct from $3::text[]`,
          [entity_type, entity_id, scopes],
        );
    },
  };
}

function keyOf({ entity_type, entity_id }: EntityReference): string {
  return JSON.stringify([entity_type, entity_id]);
}

function isSame(one: readonly string[] | undefined, other: readonly string[]): boolean {
  return one !== undefined && JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted());
}
