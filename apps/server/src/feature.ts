import type { ChangeConsumer } from '@infratraq/capture';
import type { DeadLetterReplays } from '@infratraq/integration';
import type { Defer, EntityAccess } from '@infratraq/kernel';
import type { JobQueue, MigrationList } from '@infratraq/postgres';
import type { FastifyInstance } from 'fastify';
import type { Server as SocketServer } from 'socket.io';
import type { Platform } from './platform/platform.js';

/** One thing that this server needs, and how to ask whether it answers. */
export interface HealthCheck {
  readonly name: string;
  readonly check: () => Promise<unknown>;
}

/** A consumer of changes. It is given no values of sensitive columns, unless it masks them itself. */
export interface FeatureConsumer extends ChangeConsumer {
  readonly masks?: true;
}

/** What all features offer together. */
export interface Offers {
  readonly consumers: readonly FeatureConsumer[];
  readonly checks: readonly HealthCheck[];
  readonly deadLetterReplays: DeadLetterReplays;
}

/** The parts of an open feature; each is optional but its services. */
export interface FeatureParts<Services> {
  /** What later features may use. */
  readonly services: Services;
  /** Decides who may see an entity, for every route of the server. */
  readonly access?: EntityAccess;
  /** Hooks of the whole application; registered before any route. */
  readonly hooks?: (app: FastifyInstance) => Promise<void>;
  /** Routes outside the API. */
  readonly pages?: (app: FastifyInstance, offers: Offers) => Promise<void>;
  /** Routes below `/api/v1`. */
  readonly routes?: (api: FastifyInstance, offers: Offers) => Promise<void>;
  /** Namespaces of Socket.IO. */
  readonly gateways?: (io: SocketServer, defer: Defer) => void;
  readonly consumers?: readonly FeatureConsumer[];
  readonly checks?: readonly HealthCheck[];
  /** Replays of the dead letters that it leaves, by their origin. */
  readonly deadLetterReplays?: DeadLetterReplays;
  /** Begins work in the background, once every feature is open and before the server listens. */
  readonly start?: (offers: Offers, defer: Defer) => Promise<void>;
}

/**
 * A feature of the server. `open` builds its services from the platform and from the features that it names in `needs`;
 * `defer` takes down how each opened part is closed.
 */
export interface Feature<Needs, Services> {
  /** Migrations of its tables. */
  readonly migrations?: readonly MigrationList[];
  /** Queues of its jobs. */
  readonly jobs?: readonly JobQueue<object>[];
  readonly open: (
    platform: Platform,
    needs: Needs,
    defer: Defer,
  ) => FeatureParts<Services> | Promise<FeatureParts<Services>>;
}
