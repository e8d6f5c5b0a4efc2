import { z } from 'zod';

const seconds = (standIn: number) => z.coerce.number().min(0.1).max(86_400).default(standIn);

/** Variables that keep a database that is slow or away from holding everything up. */
export const databaseSettings = {
  POSTGRES_MAX_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(10)
    .describe(
      'Connections to PostgreSQL in the pool of one process; jobs, capture and locks have their own besides',
    ),
  POSTGRES_STATEMENT_SECONDS: seconds(20).describe(
    'Longest that a statement in PostgreSQL may take; migrations, capture and snapshots may take longer',
  ),
  POSTGRES_LOCK_SECONDS: seconds(10).describe('Longest that a statement in PostgreSQL waits for a lock'),
  POSTGRES_IDLE_TRANSACTION_SECONDS: seconds(60).describe(
    'Longest that a transaction in PostgreSQL does nothing before it is rolled back',
  ),
  MONGODB_QUERY_SECONDS: seconds(30).describe(
    'Longest that MongoDB may take for a query that a user waits for; work in the background has ten minutes',
  ),
  DATABASE_WAIT_SECONDS: seconds(5).describe(
    'Longest wait for a connection to either database before a request is answered with 503',
  ),
};
