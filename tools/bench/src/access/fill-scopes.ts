import { connectMongo } from '@infratraq/mongo';
import { connectPostgres } from '@infratraq/postgres';

/** How much there is, and how it is spread. */
export interface ScopedStore {
  readonly projects: number;
  readonly entities: number;
  readonly documents: number;
  /** Users by the number of projects that they belong to; `all` belongs to their organisation. */
  readonly members: Readonly<Record<string, number | 'all'>>;
}

const documentsAtOnce = 5_000;

/** Fills tables of projects and their assets, whose rows are the entities, and the members of the projects' scopes. */
export async function fillTables(
  postgresUrl: string,
  { projects, entities }: Pick<ScopedStore, 'projects' | 'entities'>,
): Promise<void> {
  const { pool, close } = await connectPostgres({ url: postgresUrl });
  await pool.query(`
    create table organisations (organisation_id integer primary key);
    create table projects (
      project_id integer primary key, name text, client_id integer references organisations default 1);
    create table assets (asset_id integer primary key, project_id integer references projects, tag text);
    insert into organisations values (1);
    insert into projects (project_id, name) select n, 'Project ' || n from generate_series(0, ${projects - 1}) n;
    insert into assets select n, n % ${projects}, 'Asset ' || n from generate_series(0, ${entities - 1}) n;
    create index on assets (project_id)`);
  await close();
}

/** Gives members their scopes, and every user a share in each of the documents. */
export async function fillDocuments(
  { mongodbUri, postgresUrl }: { readonly mongodbUri: string; readonly postgresUrl: string },
  { projects, entities, documents, members }: ScopedStore,
): Promise<void> {
  const { pool, close } = await connectPostgres({ url: postgresUrl });
  for (const [user, count] of Object.entries(members))
    await pool.query(
      `insert into infratraq.scope_members (scope, user_id, role)
       select case when $2 < 0 then 'organisation:1' else 'project:' || n end, $1, 'member'
       from generate_series(0, greatest($2::int, 1) - 1) n`,
      [user, count === 'all' ? -1 : count],
    );
  await close();
  const { connection, close: closeMongo } = await connectMongo({ uri: mongodbUri });
  const users = ['u-1', ...Object.keys(members)];
  const began = Date.UTC(2026, 0, 1);
  const entityOf = (place: number) => ({
    entity_type: 'assets',
    entity_id: String(place % entities),
    scopes: ['organisation:1', `project:${(place % entities) % projects}`],
  });
  // Members follow what they see, and a tenth of the rest, which they saw before.
  const followersOf = (place: number) => [
    'u-1',
    ...Object.entries(members).flatMap(([user, count]) => {
      const sees = count === 'all' || (place % entities) % projects < count;
      return sees || Math.floor(place / projects) % 10 === 0 ? [user] : [];
    }),
  ];
  const threadOf = (place: number) => {
    const at = new Date(began + place * 60_000);
    const followers = followersOf(place);
    return {
      ...entityOf(place),
      state: 'open',
      comments: [
        {
          comment_id: `c-${place}`,
          author_id: 'u-2',
          body: 'Please look at this',
          mentions: followers,
          created_at: at,
        },
      ],
      subscriptions: followers.map((user_id) => ({ user_id, reason: 'mentioned', since: at })),
      comment_count: 1,
      content_bytes: 19,
      revision: 0,
      created_by: 'u-2',
      created_at: at,
      last_comment_at: at,
    };
  };
  for (let place = 0; place < documents; place += documentsAtOnce)
    await connection
      .collection('comment_thread')
      .insertMany(Array.from({ length: documentsAtOnce }, (_, more) => threadOf(place + more)));
  await connection.collection('search_index_cache').insertMany(
    Array.from({ length: entities }, (_, place) => ({
      ...entityOf(place),
      title: `Asset ${place}`,
      keywords: [],
      suggest_terms: ['asset', `a-${place}`],
      indexed_at: new Date(),
    })),
  );
  const favorites = users.flatMap((user_id) =>
    Array.from({ length: entities }, (_, place) => ({
      ...entityOf(place),
      user_id,
      kind: 'bookmarked',
      title: `Asset ${place}`,
      use_count: 1,
      last_used_at: new Date(began + place),
      created_at: new Date(began),
    })),
  );
  await connection.collection('user_favorite').insertMany(favorites);
  await closeMongo();
}
