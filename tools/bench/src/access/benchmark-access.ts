import { startEngines } from '@infratraq/engines';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGrowthServer, type Caller } from '../growth/growth-server.js';
import { compareWithPeer, medianOf, type Benchmark } from '../measurement.js';
import { fillDocuments, fillTables, type ScopedStore } from './fill-scopes.js';

const store: ScopedStore = {
  projects: 100,
  entities: 1_000,
  documents: Number(process.env['ACCESS_DOCUMENTS'] ?? 100_000),
  members: { 'u-tenth': 10, 'u-half': 50, 'u-all': 'all' },
};
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 100);
const warmUpRounds = 10;

/** The lists across entities. */
const lists = {
  'followed threads': '/api/v1/comments/followed?limit=50',
  'threads that mention': '/api/v1/comments/mentions?limit=50',
  suggestions: '/api/v1/search/suggest?q=a-1&limit=20',
  favourites: '/api/v1/favorites?kind=bookmarked',
};

const admin: Caller = { user: 'u-1', roles: ['member', 'admin'] };

/** Lists of members, filtered by their scopes, beside the same lists of an admin, who sees everything. */
export const benchmarkAccess: Benchmark = async (report) => {
  const directory = await mkdtemp(join(tmpdir(), 'infratraq-access-'));
  const engines = await startEngines({
    dataDirectory: directory,
    log: () => undefined,
    environment: { ...process.env, MONGODB_URI: undefined, POSTGRES_URL: undefined },
  });
  try {
    await fillTables(engines.postgresUrl, store);
    const server = await startGrowthServer({
      MONGODB_URI: engines.mongodbUri,
      POSTGRES_URL: engines.postgresUrl,
      DATA_DIR: join(directory, 'server'),
      RATE_LIMIT_PER_MINUTE: '1000000',
    });
    try {
      await fillDocuments(engines, store);
      report(`filled ${store.documents} documents over ${store.entities} entities`);
      const members = Object.keys(store.members).map((user) => ({ user, roles: ['member'] }));
      const times = new Map<string, number[]>();
      for (let round = 0; round < warmUpRounds + rounds; round += 1)
        for (const [name, path] of Object.entries(lists))
          for (const caller of rotate([admin, ...members], round)) {
            const begun = performance.now();
            const { status, body } = await server.get(path, caller);
            const spent = performance.now() - begun;
            const { length } = (body as { items?: unknown[] }).items ?? [];
            if (status !== 200 || length === 0)
              throw new Error(`${name} of ${caller.user}: ${status} with ${length} items`);
            const key = `${name} ${caller.user}`;
            if (round >= warmUpRounds) times.set(key, [...(times.get(key) ?? []), spent]);
          }
      const median = (name: string, { user }: Caller) => medianOf(times.get(`${name} ${user}`) ?? []);
      return Object.keys(lists).flatMap((name) =>
        members.map((member) =>
          compareWithPeer(
            'access',
            `ms of ${name} for a member of ${store.members[member.user]} of ${store.projects} projects`,
            { ours: median(name, member), peer: median(name, admin) },
            { atMost: 1.3 },
          ),
        ),
      );
    } finally {
      await server.stop();
    }
  } finally {
    await engines.stop();
    await rm(directory, { recursive: true });
  }
};

/** So that no caller is always the one behind another. */
function rotate<Item>(items: readonly Item[], by: number): Item[] {
  return items.map((_, place) => items[(place + by) % items.length] as Item);
}
