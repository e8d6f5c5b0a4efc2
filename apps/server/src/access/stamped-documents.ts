import { SearchIndexCache } from '@infratraq/caches';
import type { EntityReference } from '@infratraq/kernel';
import { CommentThread } from '@infratraq/messaging';
import { trusted, type Models } from '@infratraq/mongo';
import type { Postgres } from '@infratraq/postgres';
import { UserFavorite } from '@infratraq/preferences';
import type { EntityScopes } from './entity-scopes.js';

/** A store of documents that carry the scopes of the entity that they are about. */
interface StampedPlace {
  /** The entities that documents are about, by type and id, after another one; each at least once. */
  page(after: EntityReference, limit: number): Promise<EntityReference[]>;
  /** Those of these entities that documents are about. */
  among(entities: readonly EntityReference[]): Promise<EntityReference[]>;
  stamp(stamps: readonly EntityStamp[]): Promise<void>;
}

/** The present scopes of an entity. */
interface EntityStamp extends EntityReference {
  readonly scopes: readonly string[];
}

const stampedClasses = [CommentThread, SearchIndexCache, UserFavorite] as const;
const entityOnly = { _id: 0, entity_type: 1, entity_id: 1 } as const;

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

  /** Restamps the next documents of a place, and answers the last entity and how many there were. */
  async restampPage(
    place: number,
    after: EntityReference,
    limit: number,
  ): Promise<{ last: EntityReference | undefined; count: number }> {
    const at = this.#places[place] as StampedPlace;
    const page = await at.page(after, limit);
    await this.#stamp(at, page);
    return { last: page.length < limit ? undefined : page.at(-1), count: page.length };
  }

  async #stamp(place: StampedPlace, entities: readonly EntityReference[]): Promise<void> {
    const distinct = [...new Map(entities.map((entity) => [keyOf(entity), entity])).values()];
    if (distinct.length === 0) return;
    const present = await this.#scopes.ofMany(distinct);
    await place.stamp(
      distinct.map(({ entity_type, entity_id }, at) => ({
        entity_type,
        entity_id,
        scopes: present[at] ?? [],
      })),
    );
  }
}

function documentsOf(models: Models, stamped: (typeof stampedClasses)[number]): StampedPlace {
  const model = models.of(stamped as typeof CommentThread);
  return {
    page: (after, limit) =>
      model
        .find({
          $or: trusted([
            { entity_type: trusted({ $gt: after.entity_type }) },
            { entity_type: after.entity_type, entity_id: trusted({ $gt: after.entity_id }) },
          ]),
        })
        .sort({ entity_type: 1, entity_id: 1 })
        .limit(limit)
        .select(entityOnly)
        .lean<EntityReference[]>(),
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
    page: async ({ entity_type, entity_id }, limit) =>
      (
        await pool.query<EntityReference>(
          `select distinct entity_type, entity_id from infratraq.channels
           where entity_type is not null and entity_id is not null and (entity_type, entity_id) > ($1, $2)
           order by entity_type, entity_id limit $3`,
          [entity_type, entity_id, limit],
        )
      ).rows,
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
