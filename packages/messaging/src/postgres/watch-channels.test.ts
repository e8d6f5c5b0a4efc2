import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import {
  createChannelMembershipRepository,
  messagingMigrations,
  watchChannels,
  type WatchedChannels,
} from './index.js';
import type { ChannelChange } from './watch-channels.js';

describe('watched channels', () => {
  let databases: TestDatabases;
  let postgres: Postgres;
  let channels: WatchedChannels;
  const faults: Error[] = [];
  const changes: ChannelChange[] = [];

  beforeAll(async () => {
    databases = await createTestDatabases({ postgres: true });
    ({ postgres } = await openPostgres(databases, [messagingMigrations]));
    await run(`insert into infratraq.users (user_id, display_name) values ('ada', 'Ada'), ('ben', 'Ben')`);
    await createChannelMembershipRepository(postgres).createChannel({ channel_id: 'site', title: 'Site' }, [
      { user_id: 'ada', role: 'member' },
    ]);
    channels = await watchChannels(postgres, (error) => faults.push(error));
    channels.onChange((change) => changes.push(change));
  });
  afterAll(async () => {
    await channels.close();
    await postgres.close();
    await databases.drop();
  });

  const run = (statement: string) => postgres.pool.query(statement);
  const until = (holds: () => Promise<boolean>) => eventually(holds, Boolean);
  const roleOf = async (user: string) => (await channels.findMember('site', user))?.role;
  const setRole = (role: string) =>
    run(
      `update infratraq.channel_members set role = '${role}' where channel_id = 'site' and user_id = 'ada'`,
    );

  it('know of every change that plain SQL makes, and tell it', async () => {
    expect([await roleOf('ada'), await roleOf('ben')]).toEqual(['member', undefined]);
    await setRole('reader');
    await until(async () => (await roleOf('ada')) === 'reader');
    await run(`insert into infratraq.channel_members (channel_id, user_id) values ('site', 'ben')`);
    await until(async () => (await roleOf('ben')) === 'member');
    await run(`delete from infratraq.channel_members where user_id = 'ben'`);
    await until(async () => (await roleOf('ben')) === undefined);
    expect((await channels.findChannel('site'))?.slow_mode_seconds).toBeNull();
    await run(`update infratraq.channels set slow_mode_seconds = 30 where channel_id = 'site'`);
    await until(async () => (await channels.findChannel('site'))?.slow_mode_seconds === 30);
    expect(changes).toEqual([
      { channel_id: 'site', user_id: 'ada' },
      { channel_id: 'site', user_id: 'ben' },
      { channel_id: 'site', user_id: 'ben' },
      { channel_id: 'site' },
    ]);
    expect(faults).toEqual([]);
  });

  it('answer from memory what nobody has changed', async () => {
    const [first, second] = [
      await channels.findMember('site', 'ada'),
      await channels.findMember('site', 'ada'),
    ];
    expect(second).toBe(first);
  });

  it('notice what was changed while the connection was cut, and that anything may have been', async () => {
    await roleOf('ada');
    changes.length = 0;
    await run(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'infratraq channels' and datname = current_database()`,
    );
    await setRole('owner');
    await until(async () => (await roleOf('ada')) === 'owner');
    await until(async () => changes.some(({ channel_id }) => channel_id === undefined));
    expect(faults.length).toBeGreaterThan(0);
    await run('truncate infratraq.channel_members');
    await until(async () => (await roleOf('ada')) === undefined);
  });
});
