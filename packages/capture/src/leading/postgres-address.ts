import type { Postgres } from '@infratraq/postgres';

/** Where PostgreSQL is: a URL, or a connection of `@infratraq/postgres`. The role needs REPLICATION. */
export type PostgresAddress =
  | { readonly postgresUrl: string; readonly postgres?: undefined }
  | { readonly postgres: Pick<Postgres, 'connection'>; readonly postgresUrl?: undefined };

/** How sessions of their own are opened there. */
export function addressOf({ postgres, postgresUrl }: PostgresAddress): Pick<Postgres, 'connection'> {
  return postgres ?? { connection: { connectionString: postgresUrl } };
}
