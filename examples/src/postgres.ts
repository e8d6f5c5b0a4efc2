// A table of one's own, and a transaction that carries who acts and why.
import { runAsActor } from '@infratraq/kernel';
import { openPostgres } from '@infratraq/postgres';

const { POSTGRES_URL = 'postgres://127.0.0.1/examples' } = process.env;
const { postgres, close } = await openPostgres({ postgresUrl: POSTGRES_URL });
await postgres.pool.query('create table pumps (name text primary key)');
const { db, transaction } = postgres.withTables<{ pumps: { name: string } }>();
const add = () => transaction((open) => open.insertInto('pumps').values({ name: 'P-7' }).execute());
await runAsActor({ user_id: 'ada', roles: ['member'], reason: 'delivered to the site' }, add);
console.log(await db.selectFrom('pumps').selectAll().execute());
await close();
