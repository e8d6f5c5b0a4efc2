import type { Environment } from '@infratraq/environment';
import type { Defer } from '@infratraq/kernel';
import type { AddressInfo } from 'node:net';
import type { OpenFeatures } from '../feature-list.js';
import type { Platform } from '../platform/platform.js';
import { limitTraffic } from '../platform/sockets/limit-traffic.js';
import { buildApp } from './build-app.js';
import { Connections } from './connections.js';

/** A server that listens. */
export interface Serving {
  readonly url: string;
  readonly connections: Connections;
}

/** Serves open features by HTTP and Socket.IO, starts their work in the background, and listens. */
export async function serve(platform: Platform, features: OpenFeatures, defer: Defer): Promise<Serving> {
  const { environment, io, jobs, log } = platform;
  // Jobs that run use services of the features, so they end first.
  defer(() => jobs.close());
  const app = await buildApp(platform, features);
  const connections = new Connections(app, io);
  io.attach(app.server);
  limitTraffic(io, log);
  for (const { gateways } of features.parts) gateways?.(io, defer);
  for (const { start } of features.parts) await start?.(features, defer);
  await app.listen({ port: environment.PORT, host: environment.HOST });
  defer(() => connections.close());
  return { url: urlOf(app.server.address() as AddressInfo, environment), connections };
}

function urlOf(address: AddressInfo, { HOST }: Environment): string {
  const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST.includes(':') ? `[${HOST}]` : HOST;
  return `http://${host}:${address.port}`;
}
