import { randomUUID } from 'node:crypto';
import { ConflictError, InvalidInputError, type NotificationRequest } from '@infratraq/kernel';
import type { OpenTransaction, Postgres } from '@infratraq/postgres';
import { sql } from 'kysely';

/** What was asked for, as JSON keeps it: `not_after` is a text. */
export type StoredRequest = Omit<NotificationRequest, 'not_after'> & { readonly not_after?: string };

/** How a notification was taken back: `retracted` also takes it out of inboxes. */
export type Withdrawal = 'cancelled' | 'retracted';

/** A notification that was accepted. */
export interface AcceptedNotification {
  readonly notification_id: string;
  readonly request: StoredRequest;
  readonly cause_id: string | null;
  readonly accepted_at: Date;
  readonly withdrawal: Withdrawal | null;
}

/** Keeps what was accepted until it is long delivered. */
export interface NotificationOutbox {
  /**
   * Accepts a request within the transaction. The same request under a known idempotency key answers the first id.
   * @throws ConflictError `notification.key-reused` for another request under that key
   * @throws InvalidInputError `notification.expired` for a new request that is of no use any more
   */
  accept(
    request: NotificationRequest,
    context: { readonly cause_id?: string | undefined; readonly at: Date },
    transaction: OpenTransaction,
  ): Promise<{ notification_id: string; accepted: boolean }>;
  find(ids: readonly string[]): Promise<AcceptedNotification[]>;
  /** Reads whether a notification was taken back, and lets nobody take it back before the transaction ends. */
  holdWithdrawal(id: string, transaction: OpenTransaction): Promise<Withdrawal | null>;
  /** Takes notifications back; answers those for which that was news. */
  withdraw(
    by: { readonly notification_id: string } | { readonly idempotency_key: string },
    withdrawal: Withdrawal,
    at: Date,
    transaction: OpenTransaction,
  ): Promise<string[]>;
  /** Takes the throttle's turn for these users; answers those who had theirs free or taken by this notification. */
  takeTurns(
    turn: { type: string; throttle_key: string; notification_id: string; at: Date; until: Date },
    userIds: readonly string[],
  ): Promise<string[]>;
  /** Does work while nobody else, in whatever process, does work under the same key. */
  holdKey<Result>(key: string, work: () => Promise<Result>): Promise<Result>;
  /** Forgets what was accepted before that time; answers how much. */
  forget(before: Date): Promise<number>;
}

interface IdRow {
  readonly notification_id: string;
}

/** Binds the outbox to a connection. */
export function createNotificationOutbox({ pool, db }: Pick<Postgres, 'pool' | 'db'>): NotificationOutbox {
  return {
    async accept(request, { cause_id, at }, transaction) {
      const notification_id = randomUUID();
      const key = request.idempotency_key ?? null;
      const json = JSON.stringify(request);
      const isExpired = request.not_after !== undefined && request.not_after <= at;
      const inserted = isExpired
        ? { rows: [] }
        : await sql<IdRow>`insert into infratraq.notification_outbox (notification_id, idempotency_key, request, cause_id, accepted_at)
            values (${notification_id}, ${key}, ${json}::jsonb, ${cause_id ?? null}, ${at})
            on conflict (idempotency_key) do nothing returning notification_id`.execute(transaction);
      if (inserted.rows.length > 0) return { notification_id, accepted: true };
      const known = await sql<
        IdRow & { readonly is_same: boolean }
      >`select notification_id, request = ${json}::jsonb as is_same
            from infratraq.notification_outbox where idempotency_key = ${key}`.execute(transaction);
      const [first] = known.rows;
      if (!first)
        throw new InvalidInputError('The time until which this is of use (not_after) has passed', {
          code: 'notification.expired',
          errors: [{ path: '/not_after', message: 'has passed' }],
        });
      if (first.is_same) return { notification_id: first.notification_id, accepted: false };
      throw new ConflictError(
        `Another notification was sent under the key ${key}; give each notification a key of its own`,
        'notification.key-reused',
      );
    },
    async find(ids) {
      const { rows } = await pool.query<AcceptedNotification>(
        `select notification_id, request, cause_id, accepted_at, withdrawal
         from infratraq.notification_outbox where notification_id = any($1::uuid[])`,
        [ids],
      );
      return rows;
    },
    async holdWithdrawal(id, transaction) {
      const held = await sql<{
        withdrawal: Withdrawal | null;
      }>`select withdrawal from infratraq.notification_outbox where notification_id = ${id} for share`.execute(
        transaction,
      );
      return held.rows[0]?.withdrawal ?? null;
    },
    async withdraw(by, withdrawal, at, transaction) {
      const condition =
        'notification_id' in by
          ? sql`notification_id = ${by.notification_id}`
          : sql`idempotency_key = ${by.idempotency_key}`;
      const withdrawn =
        await sql<IdRow>`update infratraq.notification_outbox set withdrawal = ${withdrawal}, withdrawn_at = ${at}
            where ${condition} and withdrawal is distinct from ${withdrawal}
              and withdrawal is distinct from 'retracted'
            returning notification_id`.execute(transaction);
      return withdrawn.rows.map(({ notification_id }) => notification_id);
    },
    async takeTurns({ type, throttle_key, notification_id, at, until }, userIds) {
      const { rows } = await pool.query<{ user_id: string }>(
        `insert into infratraq.notification_throttle as taken (type, throttle_key, user_id, notification_id, open_until)
         select $1, $2, user_id, $3, $5 from unnest($6::text[]) as user_id
         on conflict (type, throttle_key, user_id) do update
           set notification_id = excluded.notification_id, open_until = excluded.open_until
           where taken.open_until <= $4 or taken.notification_id = excluded.notification_id
         returning user_id`,
        [type, throttle_key, notification_id, at, until, userIds],
      );
      return rows.map(({ user_id }) => user_id);
    },
    holdKey: (key, work) =>
      db.transaction().execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(transaction);
        return work();
      }),
    async forget(before) {
      await pool.query('delete from infratraq.notification_throttle where open_until < $1', [before]);
      const { rowCount } = await pool.query(
        'delete from infratraq.notification_outbox where accepted_at < $1',
        [before],
      );
      return rowCount ?? 0;
    },
  };
}
