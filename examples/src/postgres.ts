// Migrations, the demonstration's rows, and a transaction that carries who acts and why.
import { runAsActor } from '@infratraq/kernel';
import { connectPostgres, loadDemonstration, migrate } from '@infratraq/postgres';

const postgres = await connectPostgres({
  url: process.env['POSTGRES_URL'] ?? 'postgres://127.0.0.1/examples',
  applicationName: 'examples',
});
console.log(`ran ${(await migrate(postgres)).length} migrations`);
console.log(`loaded the demonstration: ${await loadDemonstration(postgres)}`);

const actor = { user_id: 'u-manager-1', roles: ['member' as const], reason: 'the client asked for it' };
const project = await runAsActor(actor, () =>
  postgres.transaction((transaction) =>
    transaction
      .updateTable('projects')
      .set({ status: 'on_hold' })
      .where('project_id', '=', 1)
      .returning(['code', 'name', 'status'])
      .executeTakeFirstOrThrow(),
  ),
);
console.log(`${project.code} ${project.name}: ${project.status}`);
await postgres.close();
