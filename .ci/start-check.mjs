// Follows the README as a newcomer would: npm start on an empty data folder, a look at what it serves, and a clean stop.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directory = await mkdtemp(join(tmpdir(), 'infratraq-start-'));
const server = spawn('npm', ['start', '--silent'], {
  env: { ...process.env, PORT: '0', DATA_DIR: directory },
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
const exited = once(server, 'exit');
try {
  const url = await Promise.race([
    readUrl(server.stdout),
    exited.then(([code]) => assert.fail(`npm start ended with ${code}`)),
  ]);
  const get = (path, headers) => fetch(new URL(path, url), { headers });
  assert.equal((await get('/health/ready')).status, 200);
  assert.match(await (await get('/')).text(), /<div id="root">/);
  assert.equal((await (await get('/openapi.json')).json()).openapi.slice(0, 3), '3.1');
  assert.equal((await get('/docs/')).status, 200);
  const made = await fetch(new URL('/api/v1/auth/dev-token', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'u-operator-1', roles: ['operator'] }),
  });
  const authorization = `Bearer ${(await made.json()).token}`;
  const { totals } = await (await get('/api/v1/collections', { authorization })).json();
  assert.ok(totals.collections >= 35, 'every collection of the specification is there');
  assert.ok(totals.documents > 0, 'the demonstration shows documents');
} finally {
  if (server.exitCode === null) process.kill(-server.pid, 'SIGTERM');
  await exited;
  await rm(directory, { recursive: true, force: true });
}

async function readUrl(stream) {
  let text = '';
  for await (const chunk of stream) {
    process.stdout.write(chunk);
    text += chunk;
    const ready = /InfraTraq is ready at (\S+)/.exec(text);
    if (ready) return ready[1];
  }
  return assert.fail('npm start said nothing of being ready');
}
