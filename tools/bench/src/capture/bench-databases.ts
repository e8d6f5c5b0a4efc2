import { prepareCapture, removeCapture } from '@infratraq/capture';
import { startEngines } from '@infratraq/engines';
import { applyIndexes, connectMongo } from '@infratraq/mongo';
import { connectPostgres, migrate, type Postgres } from '@infratraq/postgres';
import { store } from '@infratraq/store';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const publication = 'infratraq_changes';
const changelog = 'entity_changelog';
const templates = 'templates';

/** Both databases of the benchmark, and what contenders need in them. */
export interface BenchDatabases extends AsyncDisposable {
  readonly postgres: Postgres;
  /** Makes a slot for each contender, so that what is committed from now on is there for each of them. */
  prepareSlots(contenders: readonly string[]): Promise<void>;
  /** An empty changelog with its indexes; answers what the contender is told in its environment. */
  prepareFor(contender: string): Promise<Record<string, string>>;
  /** Sets a thousand of the changelog's documents aside, for those who need documents at hand. */
  keepTemplates(): Promise<void>;
  /** Lets the log of the contender go. */
  dropSlot(contender: string): Promise<void>;
}

/** Starts engines of the benchmark's own, for what it measures it also drops. */
export async function openBenchDatabases(): Promise<BenchDatabases> {
  const opened = new AsyncDisposableStack();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-bench-'));
  opened.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  const environment = { ...process.env, MONGODB_URI: undefined, POSTGRES_URL: undefined };
  const engines = await startEngines({ dataDirectory, environment });
  opened.defer(() => engines.stop());
  const mongo = await connectMongo({ uri: engines.mongodbUri });
  opened.defer(() => mongo.close());
  const postgres = await connectPostgres({
    url: engines.postgresUrl,
    timeLimits: { statementMilliseconds: 3_600_000 },
  });
  opened.defer(() => postgres.close());
  await migrate(postgres);
  const database = mongo.connection.db!;

  return {
    postgres,
    async prepareSlots(contenders) {
      for (const contender of contenders) {
        const slot = slotOf(contender);
        if (contender.startsWith('ours')) await prepareCapture(postgres, { slot, publication });
        else await postgres.pool.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [slot]);
      }
    },
    async prepareFor(contender) {
      await database.collection(changelog).drop();
      const { class: documentClass } = store.collections.find(({ name }) => name === changelog)!;
      await applyIndexes(mongo.connection, [documentClass]);
      return {
        POSTGRES_URL: engines.postgresUrl,
        MONGODB_URI: engines.mongodbUri,
        SLOT: slotOf(contender),
        PUBLICATION: publication,
        COLLECTION: changelog,
        TEMPLATES: templates,
      };
    },
    async keepTemplates() {
      await database.collection(templates).deleteMany({});
      const kept = await database
        .collection(changelog)
        .find({ entity_type: /^bench_/ })
        .limit(1_000)
        .toArray();
      await database.collection(templates).insertMany(kept);
    },
    async dropSlot(contender) {
      if (contender.startsWith('ours')) return removeCapture(postgres, { slot: slotOf(contender) });
      await postgres.pool.query('select pg_drop_replication_slot($1)', [slotOf(contender)]);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

const slotOf = (contender: string) => `bench_${contender.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`;
