import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

/** One registration per token or subscription: whoever registers it last is who its device belongs to. */
export const deviceTargets: MigrationStep = {
  name: '0003-device-targets',
  formerly: '0014-device-targets',
  async up(transaction) {
    const target = sql`md5(coalesce(push_target ->> 'token', push_target ->> 'endpoint'))`;
    await sql`
      delete from infratraq.device_registrations a using infratraq.device_registrations b
      where md5(coalesce(a.push_target ->> 'token', a.push_target ->> 'endpoint'))
          = md5(coalesce(b.push_target ->> 'token', b.push_target ->> 'endpoint'))
        and (a.last_seen_at, a.device_id) < (b.last_seen_at, b.device_id)`.execute(transaction);
    await sql`
      create unique index device_registrations_by_target on infratraq.device_registrations ((${target}))`.execute(
      transaction,
    );
  },
};
