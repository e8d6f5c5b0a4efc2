import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMongoChangeSink, replayRefusedChanges } from '@infratraq/capture';
import { runAsActor } from '@infratraq/kernel';
import { eventually } from '@infratraq/engines';
import { io, type Socket } from 'socket.io-client';
import type { MessagingTables } from '@infratraq/messaging/postgres';
import type { FieldTables } from './demonstration/field-tables.js';
import { openTestServer, type TestServer } from './testing/open-test-server.js';

interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}
type Change = Record<'operation' | 'entity_id' | 'changed_by' | 'source' | 'cause_id', string> & {
  old_value: Record<string, unknown> | null;
  new_value: Record<string, unknown> | null;
};

describe('the composed server', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await openTestServer()));
  afterAll(() => server.close());

  it('is live and ready, and shows its API reference', async () => {
    expect((await server.call('/health/live')).status).toBe(200);
    expect((await server.call('/health/ready')).body).toEqual({
      status: 'ready',
      checks: { mongodb: 'up', postgresql: 'up' },
    });
    expect((await server.call('/docs/')).type).toContain('text/html');
  });

  it('records a row change with before, after and who did it, and shows the row as it was', async () => {
    const auditor = await server.as('u-auditor-1', 'auditor');
    const before = new Date();
    await runAsActor({ user_id: 'u-engineer-1', roles: ['member'], cause_id: 'cause-of-the-test' }, () =>
      server.postgres
        .withTables<FieldTables>()
        .transaction((transaction) =>
          transaction
            .updateTable('projects')
            .set({ status: 'on_hold' })
            .where('project_id', '=', 1)
            .execute(),
        ),
    );
    await server.postgres.pool.query(`update projects set name = 'Renamed' where project_id = 1`);
    const changes = await eventually(
      async () =>
        (await auditor<Page<Change>>('GET', '/audit/changes?entity_type=projects&entity_id=1')).body.items,
      (items) => items[0]?.new_value?.['name'] === 'Renamed',
    );
    expect(changes[1]).toMatchObject({
      operation: 'UPDATE',
      changed_by: 'u-engineer-1',
      cause_id: 'cause-of-the-test',
      source: 'application',
      new_value: { status: 'on_hold' },
    });
    expect(changes[1]?.old_value?.['status']).not.toBe('on_hold');
    expect(changes[0]).toMatchObject({ source: 'direct_sql', old_value: { status: 'on_hold' } });
    const then = await auditor<{ row: object }>(
      'GET',
      `/audit/entities/projects/1?at=${before.toISOString()}`,
    );
    expect(then.body.row).toMatchObject({ status: changes[1]?.old_value?.['status'] });
    expect((await (await server.as('u-engineer-1', 'member'))('GET', '/audit/changes')).status).toBe(403);
  });

  it('keeps a change that the changelog refuses as a dead letter, and captures what comes after it', async () => {
    const auditor = await server.as('u-auditor-1', 'auditor');
    await server.alterCollection('entity_changelog', {
      validator: { 'new_value.name': { $ne: 'Refused' } },
      validationAction: 'error',
    });
    await server.postgres.pool.query(`update projects set name = 'Refused' where project_id = 2`);
    await server.postgres.pool.query(`update projects set name = 'Taken' where project_id = 2`);
    const changes = await eventually(
      async () =>
        (await auditor<Page<Change>>('GET', '/audit/changes?entity_type=projects&entity_id=2')).body.items,
      (items) => items[0]?.new_value?.['name'] === 'Taken',
    );
    expect(changes[0]?.old_value?.['name']).toBe('Refused');
    expect(changes[1]?.new_value?.['name']).not.toBe('Refused');
    const [letter, ...others] = await eventually(
      () => server.mongodbDocuments('dead_letter_event', { origin: 'capture' }),
      ({ length }) => length > 0,
    );
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      reason: { code: 'capture.change-refused' },
      entity_type: 'projects',
      entity_id: '2',
      target: 'entity_changelog',
      replayable: true,
    });
    expect(JSON.stringify(letter)).not.toContain('"Refused"');
    await server.alterCollection('entity_changelog', { validator: {}, validationAction: 'error' });
    const sink = createMongoChangeSink(server.mongo);
    expect(await replayRefusedChanges({ postgres: server.postgres, sink })).toEqual({
      replayed: 1,
      refused: 0,
    });
    const { body } = await auditor<Page<Change>>('GET', '/audit/changes?entity_type=projects&entity_id=2');
    expect(body.items.map(({ new_value }) => new_value?.['name']).slice(0, 2)).toEqual(['Taken', 'Refused']);
  });

  it('computes a report once, then answers from the cache', async () => {
    const member = await server.as('u-manager-1', 'member');
    const first = await member<{ output: { projects: object[] } }>('POST', '/reports/project_costs', {
      params: {},
    });
    expect(first.body).toMatchObject({ cache: 'miss', cache_key: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(first.body.output.projects.length).toBeGreaterThan(5);
    // It is forgotten again while rows that were changed before are still on their way to what forgets reports.
    const { body } = await eventually(
      () => member('POST', '/reports/project_costs', { params: {} }),
      (second) => second.body['cache'] === 'hit',
    );
    expect(body).toEqual({ ...first.body, cache: 'hit', expires_at: expect.any(String) });
  });

  it("reads and writes a user's preferences, each user's own", async () => {
    const [mine, theirs] = [
      await server.as('u-manager-1', 'member'),
      await server.as('u-manager-2', 'member'),
    ];
    const current = await mine<{ version: number; settings: object }>('GET', '/preferences');
    const written = await mine('PUT', '/preferences', {
      version: current.body.version,
      settings: { locale: 'de-AT' },
    });
    expect(written.status).toBe(200);
    expect((await mine('GET', '/preferences')).body).toMatchObject({ settings: { locale: 'de-AT' } });
    expect(
      (await theirs<{ settings: { locale: string } }>('GET', '/preferences')).body.settings.locale,
    ).not.toBe('de-AT');
    const stale = await mine('PUT', '/preferences', {
      version: current.body.version,
      settings: { locale: 'en-GB' },
    });
    expect(stale).toMatchObject({ status: 409, body: { code: 'preferences.stale' } });
  });

  it('logs every request off the request path, without secrets', async () => {
    const operator = await server.as('u-operator-1', 'operator');
    await operator('GET', '/preferences?tracer=77');
    const logged = await eventually(
      () =>
        server.mongodbDocuments('api_request_log', { route: '/api/v1/preferences', user_id: 'u-operator-1' }),
      (documents) => documents.length > 0,
    );
    expect(logged[0]).toMatchObject({ method: 'GET', status: 200 });
    expect(JSON.stringify(logged)).not.toContain('Bearer ey');
  });

  describe('chat', () => {
    const sockets: Socket[] = [];
    const connect = async (user: string): Promise<Socket> => {
      const token = await server.tokenOf(user, ['member']);
      const socket = io(`${server.url}/chat`, { auth: { token }, transports: ['websocket'] });
      sockets.push(socket);
      return socket;
    };
    afterAll(() => sockets.forEach((socket) => socket.disconnect()));

    it('carries a message from one client to another and stores it', async () => {
      const members = await server.postgres
        .withTables<MessagingTables>()
        .db.selectFrom('infratraq.channel_members')
        .select(['channel_id', 'user_id'])
        .where('role', '!=', 'reader')
        .orderBy('channel_id')
        .execute();
      const channel = members[0]!.channel_id;
      const [one, other] = members
        .filter(({ channel_id }) => channel_id === channel)
        .map(({ user_id }) => user_id);
      const [sender, receiver] = [await connect(one!), await connect(other!)];
      for (const socket of [sender, receiver])
        expect(await socket.emitWithAck('channel:join', { channel })).toMatchObject({ ok: true });
      const received = new Promise((resolve) => receiver.once('message:created', resolve));
      const sent = await sender.emitWithAck('message:send', {
        channel,
        client_message_id: 'first-1',
        body: 'Pour done',
      });
      expect(sent).toMatchObject({ ok: true });
      expect(await received).toMatchObject({ channel, body: 'Pour done', seq: 1 });
      const member = await server.as(other!, 'member');
      const history = await member<{ items: object[] }>(
        'GET',
        `/channels/${encodeURIComponent(channel)}/messages`,
      );
      expect(history.body.items).toMatchObject([{ body: 'Pour done', seq: 1 }]);
    });

    it('refuses a socket without a valid token', async () => {
      const socket = io(`${server.url}/chat`, { auth: { token: 'forged' }, transports: ['websocket'] });
      sockets.push(socket);
      const error = await new Promise<Error>((resolve) => socket.once('connect_error', resolve));
      expect(error.message).toBeTruthy();
    });
  });

  it('takes a collection into maintenance and back, refusing reads and writes in between', async () => {
    const operator = await server.as('u-operator-1', 'operator');
    const to = (state: string) =>
      operator('POST', '/collections/user_preference/transitions', {
        to: state,
        reason: 'a rebuild of indexes',
      });
    expect(await to('maintenance')).toMatchObject({
      status: 200,
      body: { state: 'maintenance', next_states: ['active'] },
    });
    expect(await operator('GET', '/preferences')).toMatchObject({
      status: 503,
      body: { code: 'collection.maintenance' },
    });
    expect(await to('archived')).toMatchObject({ status: 409, body: { code: 'lifecycle.transition' } });
    expect(await to('active')).toMatchObject({ status: 200 });
    expect((await operator('GET', '/preferences')).status).toBe(200);
    const member = await server.as('u-manager-1', 'member');
    const refused = await member('POST', '/collections/user_preference/transitions', {
      to: 'maintenance',
      reason: 'no reason',
    });
    expect(refused.status).toBe(403);
  });
});
