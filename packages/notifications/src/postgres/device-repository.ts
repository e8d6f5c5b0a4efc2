import type { Postgres } from '@infratraq/postgres';
import type { PushTarget } from '../recipients/directory.js';

/** A device that takes pushes for a user; what it takes to reach it stays within. */
export interface RegisteredDevice {
  readonly device_id: string;
  readonly platform: 'web' | 'android' | 'ios';
  /** Expired once its push service has called it gone. */
  readonly status: 'active' | 'expired';
  readonly registered_at: Date;
  readonly last_seen_at: Date;
}

/** Devices of users that take pushes. */
export interface DeviceRepository {
  /**
   * Registers a device, or sees it again: one that another user had registered is this user's from now on.
   * Undefined for an unknown user.
   */
  register(device: {
    readonly user_id: string;
    readonly platform: RegisteredDevice['platform'];
    readonly target: PushTarget;
  }): Promise<RegisteredDevice | undefined>;
  /** Those of a user, the last seen first. */
  listOf(userId: string): Promise<RegisteredDevice[]>;
  /** Tells whether the user had it. */
  remove(userId: string, deviceId: string): Promise<boolean>;
}

const columns = 'device_id, platform, status, registered_at, last_seen_at';
/** More than anybody uses; the least recently seen go. */
const devicesPerUser = 20;

const registerQuery = `
  insert into infratraq.device_registrations (user_id, platform, push_target)
  select user_id, $2, $3::jsonb from infratraq.users where user_id = $1
  on conflict ((md5(coalesce(push_target ->> 'token', push_target ->> 'endpoint')))) do update
    set user_id = excluded.user_id, platform = excluded.platform, push_target = excluded.push_target,
      status = 'active', last_seen_at = now()
  returning ${columns}`;

const trimQuery = `
  delete from infratraq.device_registrations where device_id in (
    select device_id from infratraq.device_registrations where user_id = $1
    order by last_seen_at desc, device_id offset $2)`;

/** Binds the repository of devices to a connection. */
export function createDeviceRepository({ pool }: Pick<Postgres, 'pool'>): DeviceRepository {
  return {
    async register({ user_id, platform, target }) {
      const values = [user_id, platform, JSON.stringify(target)];
      const { rows } = await pool.query<RegisteredDevice>(registerQuery, values);
      await pool.query(trimQuery, [user_id, devicesPerUser]);
      return rows[0];
    },
    async listOf(userId) {
      const { rows } = await pool.query<RegisteredDevice>(
        `select ${columns} from infratraq.device_registrations where user_id = $1
         order by last_seen_at desc, device_id`,
        [userId],
      );
      return rows;
    },
    async remove(userId, deviceId) {
      const { rowCount } = await pool.query(
        'delete from infratraq.device_registrations where user_id = $1 and device_id::text = $2',
        [userId, deviceId],
      );
      return rowCount === 1;
    },
  };
}
