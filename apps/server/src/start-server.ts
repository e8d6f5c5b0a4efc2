import { announceServer, type Environment, type ServerAddresses } from '@infratraq/environment';
import { openParts } from '@infratraq/kernel';
import type { Logger } from 'pino';
import { access } from './access/index.js';
import { activity } from './activity/index.js';
import { alerts } from './alerts/index.js';
import { audit } from './audit/index.js';
import { capture } from './capture/index.js';
import { chat } from './chat/index.js';
import { collections } from './collections/index.js';
import { comments } from './comments/index.js';
import { webConsole } from './console/index.js';
import { demonstration } from './demonstration/index.js';
import { FeatureList } from './feature-list.js';
import { files } from './files/index.js';
import { serve } from './http/serve.js';
import { identity } from './identity/index.js';
import { insight } from './insight/index.js';
import { integration } from './integration/index.js';
import { links } from './links/index.js';
import { mail } from './mail/index.js';
import { mailbox } from './mailbox/index.js';
import { notifications } from './notifications/index.js';
import { observability } from './observability/index.js';
import { boundClosing } from './platform/bound-closing.js';
import { openPlatform } from './platform/open-platform.js';
import { preferences } from './preferences/index.js';

/** Every feature, in the order in which they are opened; each may use those before it. */
export const features = FeatureList.empty()
  .add('integration', integration)
  .add('observability', observability)
  .add('identity', identity)
  .add('access', access)
  .add('collections', collections)
  .add('audit', audit)
  .add('capture', capture)
  .add('activity', activity)
  .add('links', links)
  .add('files', files)
  .add('insight', insight)
  .add('preferences', preferences)
  .add('mail', mail)
  .add('notifications', notifications)
  .add('mailbox', mailbox)
  .add('chat', chat)
  .add('comments', comments)
  .add('demonstration', demonstration)
  .add('alerts', alerts)
  .add('console', webConsole);

/** A server that listens. */
export interface RunningServer extends ServerAddresses {
  /**
   * Says that this server is about to stop: it is not ready any more, and closes connections behind their answers. It
   * goes on serving for a moment, in which load balancers and clients turn to others.
   */
  drain(): Promise<void>;
  /** Finishes requests, drains the event writer, stops capture and connections, then the embedded databases. */
  close(): Promise<void>;
}

/**
 * Starts everything: the databases it needs, migrations, indexes, every feature, HTTP and Socket.IO. A server with more
 * features gives a longer list.
 */
export function startServer(
  environment: Environment,
  log: Logger,
  composed: Pick<FeatureList<object>, 'jobs' | 'migrations' | 'open'> = features,
): Promise<RunningServer> {
  return openParts(async (deferUnbound) => {
    const { jobs, migrations } = composed;
    const closing = boundClosing(deferUnbound, log);
    const { defer } = closing;
    const stop = new AbortController();
    const stopping = stop.signal;
    const platform = await openPlatform({ environment, log, jobs, migrations, stopping }, closing);
    const { url, connections } = await serve(platform, await composed.open(platform, defer), defer);
    const { mongodbUri, postgresUrl } = platform;
    const addresses = { url, mongodbUri, postgresUrl };
    defer(await announceServer(environment.DATA_DIR, addresses));
    defer(() => stop.abort());
    const drain = async (): Promise<void> => {
      stop.abort();
      await connections.drain();
    };
    return { ...addresses, drain };
  });
}
