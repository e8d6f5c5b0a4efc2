import type { ColumnType } from 'kysely';

/** A column that the database fills in when it is left out. */
export type Defaulted<Value> = ColumnType<Value, Value | undefined, Value>;
/** When a row was made: set by the database, and never changed. */
export type CreatedAt = ColumnType<Date, Date | undefined, never>;
