import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

/**
 * Where sealing stands, besides the seals themselves: when the newest of them are removed, it does not take their place
 * for free, and goes on behind them.
 */
export const sealHead: MigrationStep = {
  name: '0003-seal-head',
  formerly: '0017-audit-seal-head',
  async up(transaction) {
    await sql`
      create table infratraq.audit_seal_head (
        only_row boolean primary key default true check (only_row),
        sequence bigint not null default 0,
        last_id text collate "C",
        chain_head text,
        -- When every change was last found under a seal.
        complete_at timestamptz(3),
        check (sequence = 0 or (last_id is not null and chain_head is not null))
      )`.execute(transaction);
    await sql`
      insert into infratraq.audit_seal_head (sequence, last_id, chain_head)
      select sequence, last_id, chain_head from infratraq.audit_seal order by sequence desc limit 1`.execute(
      transaction,
    );
  },
};
