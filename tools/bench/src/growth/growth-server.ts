import { SignJWT } from 'jose';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const secret = 'a secret of the servers under load';
const root = new URL('../../../../', import.meta.url);

/** A user who asks. */
export interface Caller {
  readonly user: string;
  readonly roles: readonly string[];
}

/** The server in a process of its own, and a client of it. */
export interface GrowthServer {
  /** Answers the status of a GET and its body; asks as a user with every role unless told. */
  get(path: string, caller?: Caller): Promise<{ status: number; body: unknown }>;
  residentMegabytes(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the server on the given databases. */
export async function startGrowthServer(environment: NodeJS.ProcessEnv): Promise<GrowthServer> {
  const main = fileURLToPath(new URL('apps/server/src/main.ts', root));
  const hooks = new URL('tools/swc-hooks.mjs', root).href;
  const child = spawn(process.execPath, ['-C', '@infratraq/source', '--import', hooks, main], {
    env: { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'fatal', AUTH_SECRET: secret, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const url = await readAddress(createInterface({ input: child.stdout }));
  const tokens = new Map<Caller, Promise<string>>();
  return {
    async get(path, caller = everyRole) {
      const token = tokens.get(caller) ?? signToken(caller);
      tokens.set(caller, token);
      const headers = { authorization: `Bearer ${await token}` };
      const response = await fetch(new URL(path, url), { headers });
      return { status: response.status, body: await response.json() };
    },
    async residentMegabytes() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

const everyRole: Caller = { user: 'u-1', roles: ['admin', 'operator', 'auditor', 'member'] };

function signToken({ user, roles }: Caller): Promise<string> {
  return new SignJWT({ roles })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setExpirationTime('2h')
    .sign(new TextEncoder().encode(secret));
}

async function readAddress(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const url = /ready at (\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('The server ended before it was ready');
}
