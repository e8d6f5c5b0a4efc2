import { roles as allRoles, type Role } from '@infratraq/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { io as connect, type Socket as ClientSocket } from 'socket.io-client';
import type { z } from 'zod';
import { settingsOfEveryRoute } from '../testing/api-description.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';
import { owner, plantDocuments, secretWord, type PlantedParameters } from '../testing/plant-documents.js';
import { recordSurfaces, straySurfaces } from '../testing/record-surfaces.js';
import { listCalls, payloadOf, type Call, type RouteRule } from '../testing/route-calls.js';

const recording = recordSurfaces();
const sockets: ClientSocket[] = [];
const { surfaces } = recording;
let server: TestServer;
let planted: PlantedParameters;
let calls: Call[];
const tokens: Record<string, string> = {};

beforeAll(async () => {
  server = await openTestServer(
    { ...settingsOfEveryRoute, RATE_LIMIT_PER_MINUTE: '100000' },
    undefined,
    recording.composed,
  );
  await server.postgres.pool.query('delete from infratraq.scope_rules');
  planted = await plantDocuments(server);
  calls = listCalls(surfaces.routes, planted);
  // Another organisation's engineer, a viewer of the owner's project, and somebody of no scope.
  await server.postgres.pool.query(
    `insert into infratraq.scope_members (scope, user_id, role) values ('project:1', 'u-viewer', 'viewer')`,
  );
  for (const user of [owner, 'u-engineer-2', 'u-viewer', 'u-nobody'])
    tokens[user] = await server.tokenOf(user, ['member']);
  for (const role of allRoles) tokens[role] = await server.tokenOf(`u-only-${role}`, [role]);
}, 60_000);
afterAll(async () => {
  for (const socket of sockets) socket.disconnect();
  recording.stop();
  await server.close();
});

async function send({ method, url, body }: Call, token?: string) {
  const response = await fetch(new URL(url, server.url), {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** What is wrong with the answers to some calls, in words. */
async function findFaults(
  chosen: readonly Call[],
  judge: (call: Call) => Promise<string | undefined>,
): Promise<string[]> {
  const faults: string[] = [];
  for (const call of chosen) {
    const fault = await judge(call);
    if (fault !== undefined) faults.push(`${call.name}: ${fault}`);
  }
  return faults;
}

const outsiders = ['u-engineer-2', 'u-nobody'] as const;
const having = (wanted: (rule: RouteRule | undefined) => boolean) => calls.filter(({ rule }) => wanted(rule));

const hasSecret = (text: string) => (text.includes(secretWord) ? 'shows it' : undefined);

/** Whether a path names a document of the owner's. Others name a thing of which everybody has one of their own. */
const hidesByPath = ({ names, name, rule }: Call) =>
  names && rule?.kind !== 'shared' && !/dashboards\/:id\/layout|reports\/:type/.test(name);

/** Routes that answer no text of the planted documents; `/search` needs an engine with text indexes. */
const withoutSecret = [
  'GET /api/v1/access/scopes/:scope/members',
  'GET /api/v1/entities/:type/:id/attachments/:file_id/thumbnail',
  'GET /api/v1/search',
  'GET /api/v1/dashboards/:id/snapshot',
  'GET /api/v1/preferences',
  'GET /api/v1/preferences/explained',
  'GET /api/v1/organisations/:id/preferences',
  'GET /api/v1/entities/:type/:id/emails/address',
  'GET /api/v1/emails/:email_id/files/:place',
  'GET /api/v1/notifications/complaints',
  'GET /api/v1/devices',
  'GET /api/v1/messages/:message_id/thread',
  'GET /api/v1/channels/:id/position',
  'GET /api/v1/channels/:id/rules',
  'GET /api/v1/entities/:type/:id/comments/:thread_id/subscriptions',
];

/** What the owner reads of these, with the secret word. */
async function readAs(user: string, chosen: readonly Call[]): Promise<string[]> {
  const read = [];
  for (const call of chosen) {
    if (call.method !== 'GET') continue;
    const { text } = await send(call, tokens[user]);
    if (text.includes(secretWord)) read.push(`${call.name}\n${text}`);
  }
  return read;
}

/** The namespaces of the server, each with a connected socket of the user's. */
async function connectAll(user: string): Promise<Map<string, ClientSocket>> {
  const found = new Map<string, ClientSocket>();
  for (const name of namespaces()) {
    const socket = connect(new URL(name, server.url).href, { auth: { token: tokens[user] }, forceNew: true });
    sockets.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.on('connect', resolve);
      socket.on('connect_error', reject);
    });
    found.set(name, socket);
  }
  return found;
}

const namespaces = () => [...(surfaces.io?._nsps.keys() ?? [])].filter((name) => name !== '/');

interface Listener {
  readonly schema?: z.ZodType;
}

/** Every event that a namespace listens to, with the schema of its listener. */
function listEvents(namespace: string): { name: string; schema: z.ZodType | undefined }[] {
  const [socket] = surfaces.io!.of(namespace).sockets.values();
  const names = socket!.eventNames().map(String);
  return names
    .filter((name) => !['disconnect', 'disconnecting', 'error'].includes(name))
    .map((name) => ({ name, schema: (socket!.listeners(name)[0] as Listener).schema }));
}

describe('every surface', () => {
  it('says who may reach what, where it is declared', async () => {
    await connectAll('u-engineer-2');
    const routes = calls.filter(({ rule }) => rule === undefined).map(({ name }) => name);
    const queues = surfaces.queues.filter(({ access }) => !access).map(({ name }) => `job ${name}`);
    const events = namespaces().flatMap((namespace) =>
      listEvents(namespace)
        .filter(({ schema }) => !schema?.meta()?.access)
        .map(({ name }) => `event ${name} of ${namespace}`),
    );
    expect([...routes, ...queues, ...events].sort()).toEqual([...straySurfaces].sort());
  });
});

describe('every route', () => {
  it('refuses the unauthenticated, unless it is public', async () => {
    const closed = having((rule) => rule?.kind !== 'public');
    expect(closed.length).toBeGreaterThan(100);
    const faults = await findFaults(closed, async (call) => {
      const { status, text } = await send(call);
      return status === 401 ? hasSecret(text) : `${status} without a token`;
    });
    expect(faults).toEqual([]);
  });

  it('shows nothing to the unauthenticated where it is public', async () => {
    const faults = await findFaults(
      having((rule) => rule?.kind === 'public'),
      async (call) => {
        const { status, text } = await send(call);
        return status >= 500 && status !== 503 ? `${status}` : hasSecret(text);
      },
    );
    expect(faults).toEqual([]);
  });

  it('shows the planted documents to their owner', async () => {
    const kinds = ['own', 'members', 'scopes', 'entity'];
    const reading = having((rule) => kinds.includes(rule?.kind ?? '')).filter(
      ({ method }) => method === 'GET',
    );
    const shown = new Set((await readAs(owner, reading)).map((line) => line.split('\n')[0]));
    expect(reading.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual(withoutSecret);
  });

  it('refuses the roles that it does not name', async () => {
    const faults = await findFaults(
      having((rule) => rule?.kind === 'roles'),
      async (call) => {
        const { roles } = call.rule as { roles: readonly Role[] };
        for (const role of allRoles) {
          const { status, text } = await send(call, tokens[role]);
          if (!roles.includes(role) && (status !== 403 || text.includes(secretWord)))
            return `${status} for ${role}`;
        }
        return undefined;
      },
    );
    expect(faults).toEqual([]);
  });

  it('knows nothing of an entity for members of other scopes, and lets viewers only read', async () => {
    const faults = await findFaults(
      having((rule) => rule?.kind === 'entity'),
      async (call) => {
        for (const user of outsiders) {
          const { status, text } = await send(call, tokens[user]);
          const isKnown = call.method !== 'HEAD' && !text.includes('"entity.unknown"');
          if (status !== 404 || isKnown || text.includes(secretWord)) return `${status} for ${user}`;
        }
        const { role } = call.rule as { role: string };
        const { status } = await send(call, tokens['u-viewer']);
        return (status === 403) === (role !== 'viewer') ? undefined : `${status} for a viewer`;
      },
    );
    expect(faults).toEqual([]);
  });

  it('refuses figures of everything to those who see a part', async () => {
    const faults = await findFaults(
      having((rule) => rule?.kind === 'everything'),
      async (call) => {
        const { status, text } = await send(call, tokens[owner]);
        if (status !== 403 || (call.method !== 'HEAD' && !text.includes('"access.partial"')))
          return `${status} for a member`;
        const { status: answered } = await send(call, tokens['operator']);
        return answered === 403 ? 'refused to an operator' : undefined;
      },
    );
    expect(faults).toEqual([]);
  });

  it('shows and changes nothing of others where it serves documents of people, channels and scopes', async () => {
    const chosen = having((rule) => ['own', 'members', 'scopes', 'shared'].includes(rule?.kind ?? ''));
    const before = await readAs(owner, chosen);
    const faults = await findFaults(chosen, async (call) => {
      for (const user of outsiders) {
        const { status, text } = await send(call, tokens[user]);
        if (text.includes(secretWord)) return `shows it to ${user}`;
        if (hidesByPath(call) && ![403, 404].includes(status))
          return `${status} for ${user}: ${text.slice(0, 200)}`;
      }
      return undefined;
    });
    expect(faults).toEqual([]);
    expect(await readAs(owner, chosen)).toEqual(before);
  });
});

describe('every event', () => {
  it('is refused to sockets without a token, or with another', async () => {
    const answers = namespaces().flatMap((name) =>
      [{}, { token: 'no.such.token' }].map(
        (auth) =>
          new Promise<string>((resolve) => {
            const socket = connect(new URL(name, server.url).href, { auth, forceNew: true });
            sockets.push(socket);
            socket.on('connect', () => resolve(`${name} let in ${JSON.stringify(auth)}`));
            socket.on('connect_error', () => resolve('refused'));
          }),
      ),
    );
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['refused']));
  });

  it('shows and changes nothing of others', async () => {
    const faults: string[] = [];
    for (const [namespace, socket] of await connectAll('u-engineer-2')) {
      const heard: string[] = [];
      socket.onAny((...parameters) => heard.push(JSON.stringify(parameters)));
      for (const { name, schema } of listEvents(namespace)) {
        if (!schema) continue;
        const answer = await socket.timeout(5_000).emitWithAck(name, payloadOf(schema, planted));
        const isEmpty = Object.keys(answer as object).length === 1;
        const isRefused = (answer as { ok: boolean }).ok === false && !/invalid/.test(JSON.stringify(answer));
        const isAdmitted = schema.meta()?.access === 'members' && !isRefused && !isEmpty;
        if (isAdmitted || hasSecret(JSON.stringify(answer)))
          faults.push(`${name} of ${namespace}: ${JSON.stringify(answer)}`);
      }
      if (hasSecret(heard.join())) faults.push(`${namespace} tells it`);
    }
    expect(faults).toEqual([]);
  });
});

describe('every job', () => {
  it('that shows documents shows them to recipients who may see them', async () => {
    const showing = surfaces.queues.filter(({ access }) => access === 'recipients').map(({ name }) => name);
    expect(showing).toEqual(['notification-expand', 'notification-deliver', 'notification-digest']);
    const told = await server.mongodbDocuments('notification_delivery', { body: { $regex: secretWord } });
    expect(new Set(told.map((delivery) => delivery['recipient_id']))).toEqual(new Set([owner]));
  });
});
