import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createTestDatabases } from '@infratraq/engines';
import { runAsActor } from '@infratraq/kernel';
import {
  connectPostgres,
  createCollectionStateRepository,
  migrate,
  type CollectionStateRepository,
  type Postgres,
} from '../index.js';
import { collectionStateChannel } from './collection-state-repository.js';

let databases: Awaited<ReturnType<typeof createTestDatabases>>;
let postgres: Postgres;
let states: CollectionStateRepository;

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: true });
  postgres = await connectPostgres({ url: databases.postgresUrl });
  await migrate(postgres);
  states = createCollectionStateRepository(postgres);
});
afterAll(async () => {
  await postgres.close();
  await databases.drop();
});

const request = { collectionName: 'error_log', from: 'active', to: 'maintenance', changedBy: 'u-operator-1' };

it('keeps the new state and who changed it, when and why', async () => {
  await runAsActor({ user_id: 'u-operator-1', roles: ['operator'], cause_id: 'cause-7' }, () =>
    states.transition({ ...request, reason: 'reindex' }),
  );
  expect((await states.get('error_log'))?.state).toBe('maintenance');
  expect(await states.history('error_log')).toMatchObject([
    {
      from_state: 'active',
      to_state: 'maintenance',
      changed_by: 'u-operator-1',
      reason: 'reindex',
      cause_id: 'cause-7',
    },
  ]);
});

it('refuses a transition from a state that the collection has left, and records nothing', async () => {
  await expect(states.transition(request)).rejects.toMatchObject({
    code: 'collection.state-changed',
    status: 409,
  });
  expect(await states.history('error_log')).toHaveLength(1);
});

it('lets one of two concurrent transitions win', async () => {
  const outcomes = await Promise.allSettled(
    ['active', 'archived'].map((to) => states.transition({ ...request, from: 'maintenance', to })),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await states.history('error_log')).toHaveLength(2);
});

it('notifies listening processes', async () => {
  const listener = await postgres.pool.connect();
  await listener.query(`listen ${collectionStateChannel}`);
  const notified = once(listener, 'notification');
  await states.transition({ ...request, collectionName: 'chat_message' });
  const [notification] = (await notified) as [{ payload: string }];
  listener.release(true);
  expect(notification.payload).toBe('chat_message');
});
