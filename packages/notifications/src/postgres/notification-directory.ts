import type { NotificationAudience } from '@infratraq/kernel';
import type { Postgres } from '@infratraq/postgres';
import type { Directory, DirectoryEntry } from '../recipients/directory.js';

interface UserRow {
  readonly user_id: string;
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly devices: DirectoryEntry['devices'] | null;
}

// Each branch stops after a page, so that an audience of a million costs no more than one of a hundred.
const audienceQuery = `
  select user_id from (
    select unnest($1::text[]) as user_id
    union
    (select distinct user_id from infratraq.group_members
     where group_id = any($2) and user_id > $5 order by user_id limit $6)
    union
    (select user_id from infratraq.entity_followers
     where entity_type = $3 and entity_id = $4 and user_id > $5 order by user_id limit $6)
  ) as named
  where user_id > $5 and user_id <> all($7)
  order by user_id limit $6`;

const entriesQuery = `
  select u.user_id, u.display_name as name,
    case when u.email is distinct from u.retired_email then u.email end as email,
    case when u.phone is distinct from u.retired_phone then u.phone end as phone,
    (select json_agg(json_build_object('device_id', d.device_id, 'platform', d.platform, 'target', d.push_target) order by d.device_id)
     from infratraq.device_registrations d where d.user_id = u.user_id and d.status = 'active') as devices
  from infratraq.users u where u.user_id = any($1) and u.status = 'active'`;

/** The directory of people that PostgreSQL keeps: users, their devices, groups, and who follows what. */
export function createNotificationDirectory({ pool }: Pick<Postgres, 'pool'>): Directory {
  return {
    async listAudience(audience: NotificationAudience, { after = '', limit }) {
      const { users = [], groups = [], followers_of: entity, except = [] } = audience;
      const { rows } = await pool.query<{ user_id: string }>(audienceQuery, [
        users,
        groups,
        entity?.entity_type ?? null,
        entity?.entity_id ?? null,
        after,
        limit,
        except,
      ]);
      return rows.map(({ user_id }) => user_id);
    },
    async find(userIds) {
      const { rows } = await pool.query<UserRow>(entriesQuery, [userIds]);
      return rows.map(describeEntry);
    },
    async retireAddress(userId, address) {
      if (address.channel === 'push') {
        await pool.query(
          `update infratraq.device_registrations set status = 'expired' where device_id::text = $1 and user_id = $2`,
          [address.device_id, userId],
        );
        return;
      }
      const [column, value] =
        address.channel === 'email' ? ['email', address.email] : ['phone', address.phone];
      await pool.query(
        `update infratraq.users set retired_${column} = ${column}, updated_at = now()
         where user_id = $1 and ${column} = $2`,
        [userId, value],
      );
    },
  };
}

function describeEntry({ user_id, name, email, phone, devices }: UserRow): DirectoryEntry {
  return {
    user_id,
    name,
    ...(email !== null && { email }),
    ...(phone !== null && { phone }),
    devices: devices ?? [],
  };
}
