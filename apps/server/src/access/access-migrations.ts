import type { MigrationList } from '@infratraq/postgres';
import { sql } from 'kysely';

/** Who belongs to which scope, and which rules overrule what the catalog says about tables. */
export const accessMigrations: MigrationList = {
  owner: 'access',
  steps: [
    {
      name: '0001-scopes',
      async up(transaction) {
        await sql`
          create table infratraq.scope_members (
            scope text not null check (scope <> '*'),
            user_id text not null,
            role text not null check (role in ('viewer', 'member', 'manager')),
            granted_at timestamptz(3) not null default now(),
            primary key (scope, user_id)
          )`.execute(transaction);
        await sql`create index scope_members_by_user on infratraq.scope_members (user_id)`.execute(
          transaction,
        );
        await sql`
          create table infratraq.scope_rules (
            entity_type text primary key,
            rule text not null check (rule in ('open', 'operators', 'scope', 'references')),
            scope text,
            "references" jsonb,
            check ((rule = 'scope') = (scope is not null)),
            check ((rule = 'references') = ("references" is not null))
          )`.execute(transaction);
        await sql`
          create function infratraq.announce_scope() returns trigger language plpgsql as $$
          begin
            perform pg_notify('infratraq_scope', '');
            return null;
          end
          $$`.execute(transaction);
        await sql`
          create trigger announce_scope after insert or update or delete or truncate on infratraq.scope_members
          for each statement execute function infratraq.announce_scope()`.execute(transaction);
      },
    },
    {
      name: '0002-announced-members',
      async up(transaction) {
        // Names the user whose scopes changed; an empty payload says that anything may have changed.
        await sql`
          create function infratraq.announce_scope_member() returns trigger language plpgsql as $$
          declare
            changed text;
          begin
            foreach changed in array array[old.user_id, new.user_id] loop
              if changed is not null then
                perform pg_notify('infratraq_scope', case when octet_length(changed) < 7900 then changed else '' end);
              end if;
            end loop;
            return null;
          end
          $$`.execute(transaction);
        await sql`drop trigger announce_scope on infratraq.scope_members`.execute(transaction);
        await sql`
          create trigger announce_member after insert or update or delete on infratraq.scope_members
          for each row execute function infratraq.announce_scope_member()`.execute(transaction);
        await sql`
          create trigger announce_truncation after truncate on infratraq.scope_members
          for each statement execute function infratraq.announce_scope()`.execute(transaction);
        await sql`
          create trigger announce_rules after insert or update or delete or truncate on infratraq.scope_rules
          for each statement execute function infratraq.announce_scope()`.execute(transaction);
      },
    },
  ],
};
