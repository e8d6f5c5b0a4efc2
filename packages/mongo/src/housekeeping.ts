import type { Connection, mongo } from 'mongoose';

/** What processes tell each other through the database: leases, and figures that one of them works out for all. */
export interface HousekeepingEntry {
  readonly _id: string;
  /** The process that is at work, and until when that is to be believed. */
  readonly holder?: string;
  readonly held_until?: Date;
  readonly [field: string]: unknown;
}

/** The store's own collection beside the declared ones. */
const housekeepingCollection = 'infratraq_housekeeping';

/** Opens the collection in which processes keep house together. */
export function openHousekeeping(connection: Connection): mongo.Collection<HousekeepingEntry> {
  return connection
    .getClient()
    .db(connection.name)
    .collection<HousekeepingEntry>(housekeepingCollection, {
      readPreference: 'primary',
      writeConcern: { w: 'majority' },
    });
}
