import type { ConfinedJobs } from '@infratraq/confined-jobs';
import type { Environment } from '@infratraq/environment';
import type { EventWriter } from '@infratraq/ingest';
import type { ReportError } from '@infratraq/kernel';
import type { IndexBuilder, Models, Mongo } from '@infratraq/mongo';
import type { LinkSigning, ObjectStore } from '@infratraq/objects';
import type { Jobs, Postgres, WatchedCollectionStates } from '@infratraq/postgres';
import type { Logger } from 'pino';
import type { Sockets } from './sockets/open-sockets.js';
import type { Tokens } from './tokens/choose-tokens.js';

/** What every feature stands on. */
export interface Platform extends Sockets {
  readonly environment: Environment;
  readonly log: Logger;
  /** Logs an error of work in the background. */
  readonly onError: ReportError;
  readonly mongodbUri: string;
  readonly postgresUrl: string;
  /** Whether both databases are the embedded ones. */
  readonly isEmbedded: boolean;
  readonly tokens: Tokens;
  readonly postgres: Postgres;
  readonly mongo: Mongo;
  /** Says which indexes are still to be built. */
  readonly indexes: Pick<IndexBuilder, 'status'>;
  readonly states: WatchedCollectionStates;
  readonly models: Models;
  readonly events: EventWriter;
  /** Key of the digests that stand for sensitive values. */
  readonly redactionKey: string;
  readonly objects: ObjectStore;
  /** Signs links to files; other secrets of links derive from its secret. */
  readonly signing: LinkSigning;
  readonly jobs: Jobs;
  /** Reads what comes from outside, in processes of their own. */
  readonly confinedJobs: ConfinedJobs;
  /** Aborted once the server is about to stop: what takes long ends by itself. */
  readonly stopping: AbortSignal;
}
