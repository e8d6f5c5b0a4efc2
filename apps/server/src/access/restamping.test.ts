import { SearchIndexCache } from '@infratraq/caches';
import { createTestDatabases, eventually } from '@infratraq/engines';
import { EntityChangelog } from '@infratraq/audit';
import { CommentThread } from '@infratraq/messaging';
import { openModels, type Models } from '@infratraq/mongo';
import { openJobs, openPostgres, type Jobs, type Postgres } from '@infratraq/postgres';
import { UserFavorite } from '@infratraq/preferences';
import type { Change } from '@infratraq/capture';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { loadDemonstration } from '../demonstration/load-demonstration.js';
import { migrations } from '../migrations.js';
import { EntityScopes } from './entity-scopes.js';
import { RestampAll, restampQueue } from './restamp-all.js';
import { restampScopes } from './restamp-scopes.js';
import { StampedDocuments } from './stamped-documents.js';

let databases: Awaited<ReturnType<typeof createTestDatabases>>;
let postgres: Postgres;
let models: Models;
let jobs: Jobs;
let closeModels: () => Promise<void>;
let scopes: EntityScopes;
let documents: StampedDocuments;
let all: RestampAll;
const running = new AbortController();

beforeAll(async () => {
  databases = await createTestDatabases();
  ({ postgres } = await openPostgres(databases, migrations));
  ({ models, close: closeModels } = await openModels(databases, [
    EntityChangelog,
    CommentThread,
    SearchIndexCache,
    UserFavorite,
  ]));
  await loadDemonstration(postgres);
  jobs = await openJobs({ postgres, queues: [restampQueue] });
  scopes = new EntityScopes({ postgres, models });
  documents = new StampedDocuments({ models, postgres, scopes });
  all = new RestampAll({ postgres, jobs, scopes, documents });
});
afterAll(async () => {
  await jobs.close();
  await closeModels();
  await postgres.close();
  await databases.drop();
});

/** Documents as they were written before any of them carried scopes: 40 threads, 40 entries, a favourite, a channel. */
beforeEach(async () => {
  for (const stamped of [CommentThread, SearchIndexCache, UserFavorite])
    await models.of(stamped as typeof CommentThread).collection.deleteMany({});
  await postgres.pool.query('delete from infratraq.scope_restamping');
  await postgres.pool.query(`
    insert into infratraq.channels (channel_id, title, entity_type, entity_id, members_by_scope)
    values ('stamped', 'Stamped', 'assets', '5', true) on conflict (channel_id) do update set scopes = '{}'`);
  const assets = Array.from({ length: 40 }, (_, place) => ({
    entity_type: 'assets',
    entity_id: String(place + 1),
  }));
  await models.of(CommentThread).collection.insertMany(assets.map((asset) => ({ ...asset })) as never[]);
  await models.of(SearchIndexCache).collection.insertMany(assets.map((asset) => ({ ...asset })) as never[]);
  await models.of(UserFavorite).collection.insertOne({ ...assets[4], user_id: 'u', kind: 'pinned' } as never);
});

async function stampsOf(entity_id: string) {
  const filter = { entity_type: 'assets', entity_id };
  const read = async (stamped: object) =>
    (await models.of(stamped as typeof CommentThread).collection.findOne(filter))?.scopes?.toSorted();
  const { rows } = await postgres.pool.query<{ scopes: string[] }>(
    `select scopes from infratraq.channels where channel_id = 'stamped'`,
  );
  return {
    thread: await read(CommentThread),
    entry: await read(SearchIndexCache),
    favorite: await read(UserFavorite),
    channel: rows[0]?.scopes.toSorted(),
  };
}

const present = ['organisation:1', 'project:5'];
const everywhere = (stamps: string[]) => ({
  thread: stamps,
  entry: stamps,
  favorite: stamps,
  channel: stamps,
});

it('gives every document that was written before the scopes of its entity', async () => {
  await all.begin();
  await all.work(running.signal);
  expect(await stampsOf('5')).toEqual(everywhere(present));
  expect(await all.progress()).toMatchObject({ restamped: 86, finished_at: expect.any(Date) });
});

it('goes on where a job ended, and does nothing twice', async () => {
  const stop = new AbortController();
  const pages: number[] = [];
  const paged = new RestampAll({
    postgres,
    jobs,
    scopes,
    documents: {
      placeCount: documents.placeCount,
      async *restampPages(place, after) {
        for await (const page of documents.restampPages(place, after, 15)) {
          pages.push(page.count);
          if (pages.length === 4) stop.abort();
          yield page;
        }
      },
    },
  });
  await paged.begin();
  await paged.work(stop.signal);
  expect(pages).toEqual([15, 15, 10, 15]);
  expect(await paged.progress()).toMatchObject({ restamped: 55, finished_at: null });
  await paged.work(running.signal);
  expect(await paged.progress()).toMatchObject({ restamped: 86, finished_at: expect.any(Date) });
});

it('begins anew when a rule or the schema has changed, and only then', async () => {
  await all.beginIfChanged();
  await all.work(running.signal);
  const { begun_at } = (await all.progress())!;
  await all.beginIfChanged();
  expect((await all.progress())!.begun_at).toEqual(begun_at);
  await postgres.pool.query(
    `insert into infratraq.scope_rules (entity_type, rule) values ('assets', 'open')`,
  );
  await eventually(
    async () => {
      await all.beginIfChanged();
      return all.progress();
    },
    (progress) => progress?.finished_at === null,
  );
  await all.work(running.signal);
  expect(await stampsOf('5')).toEqual(everywhere(['*']));
  await postgres.pool.query('delete from infratraq.scope_rules');
  await eventually(
    () => scopes.of({ entity_type: 'assets', entity_id: '5' }),
    ([first]) => first !== '*',
  );
});

it('follows single rows, and stamps all anew after changes that were missed', async () => {
  await all.begin();
  await all.work(running.signal);
  const consumer = restampScopes({ scopes, documents, all });
  const change = (fields: Partial<Change>) =>
    consumer.handle([{ changed_fields: [], ...fields } as Change], { signal: running.signal });
  await postgres.pool.query('update assets set project_id = 2 where asset_id = 5');
  await change({
    operation: 'UPDATE',
    entity_type: 'assets',
    entity_id: '5',
    changed_fields: ['project_id'],
  });
  expect(await stampsOf('5')).toEqual(everywhere(['organisation:2', 'project:2']));
  for (const operation of ['GAP', 'TRUNCATE'] as const) {
    await postgres.pool.query('update assets set project_id = $1 where asset_id = 5', [
      operation === 'GAP' ? 5 : 2,
    ]);
    await change({ operation, entity_type: operation === 'GAP' ? '*' : 'assets', entity_id: '*' });
    expect(await all.progress()).toMatchObject({ finished_at: null });
    await all.work(running.signal);
    expect((await stampsOf('5')).thread).toContain(operation === 'GAP' ? 'project:5' : 'project:2');
  }
});
