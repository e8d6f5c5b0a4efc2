import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import {
  connectPostgres,
  createCollectionStateRepository,
  migrate,
  watchCollectionStates,
  type Postgres,
} from '../index.js';

describe('watched collection states', () => {
  let databases: TestDatabases;
  let postgres: Postgres;
  const faults: Error[] = [];

  beforeAll(async () => {
    databases = await createTestDatabases({ postgres: true });
    postgres = await connectPostgres({ url: databases.postgresUrl });
    await migrate(postgres);
  });
  afterAll(async () => {
    await postgres.close();
    await databases.drop();
  });

  const move = (from: string, to: string) =>
    createCollectionStateRepository(postgres).transition({
      collectionName: 'error_log',
      from,
      to,
      changedBy: 'u-operator-1',
      reason: 'a rebuild',
    });

  it('follow a transition that another process makes, also after the connection was cut', async () => {
    const states = await watchCollectionStates(postgres, (error) => faults.push(error));
    expect(states.stateOf('error_log')).toBe('active');
    await move('active', 'maintenance');
    await eventually(() => states.stateOf('error_log') === 'maintenance', Boolean);

    await postgres.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'infratraq states' and datname = current_database()`,
    );
    await move('maintenance', 'active');
    await eventually(() => states.stateOf('error_log') === 'active', Boolean);
    expect(faults.length).toBeGreaterThan(0);
    await states.close();
  });
});
