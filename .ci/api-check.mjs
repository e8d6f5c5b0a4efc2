// Lets schemathesis loose on a server that has every route, with a member's and an admin's token: no server error, and no
// answer that the description of the API does not have. Skipped where Python cannot be had.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { providePythonPackages } from '@infratraq/engines';

const secondsForEach = 60;
const python = await providePythonPackages(
  { name: 'schemathesis-4.32.5', packages: ['schemathesis==4.32.5'] },
  console.log,
).catch((error) => console.log(`The check of the API is skipped: ${error.message}`));
if (python === undefined) process.exit();

const directory = await mkdtemp(join(tmpdir(), 'infratraq-api-'));
const server = spawn(process.execPath, ['apps/server/dist/main.js'], {
  env: {
    ...process.env,
    PORT: '0',
    DATA_DIR: join(directory, 'data'),
    LOG_LEVEL: 'error',
    RATE_LIMIT_PER_MINUTE: '1000000',
    PUBLIC_URL: 'https://infra.example',
    INBOUND_MAIL_SECRET: 'a secret of the inbound mail hook',
    MAIL_HOOK_SECRET: 'a secret of the other hooks of mail',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const exited = once(server, 'exit');
try {
  const url = await Promise.race([
    readUrl(server.stdout),
    exited.then(([code]) => assert.fail(`The server ended with ${code}`)),
  ]);
  const faulty = [];
  for (const roles of [['member'], ['admin', 'operator', 'auditor', 'member']])
    if ((await explore(url, await requestToken(url, roles))) !== 0) faulty.push(roles[0]);
  assert.deepEqual(faulty, [], 'What is above was answered to these roles');
} finally {
  server.kill('SIGTERM');
  await exited;
  await rm(directory, { recursive: true });
}

async function requestToken(url, roles) {
  const answer = await fetch(new URL('/api/v1/auth/dev-token', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'u-manager-1', roles }),
  });
  return (await answer.json()).token;
}

async function explore(url, token) {
  const checks = [
    'not_a_server_error',
    'status_code_conformance',
    'content_type_conformance',
    'response_schema_conformance',
  ];
  const words = [
    ...['run', new URL('/openapi.json', url).href, '-H', `Authorization: Bearer ${token}`],
    // In one thread: Python's own parser breaks in several.
    ...['--phases', 'coverage,fuzzing', '--max-examples', '1', '--seed', '1'],
    ...['--max-time', String(secondsForEach), '--checks', checks.join(','), '--continue-on-failure'],
    // Answers 503 on engines without text indexes.
    ...['--exclude-path', '/api/v1/search'],
    // It cannot write mails, which these take as their bodies.
    ...['--exclude-path', '/api/v1/hooks/mail/dsn', '--exclude-path', '/api/v1/hooks/mail/feedback'],
  ];
  const child = spawn(python, ['-m', 'schemathesis.cli', ...words], { cwd: directory, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code;
}

async function readUrl(stream) {
  let text = '';
  for await (const chunk of stream) {
    text += chunk;
    const ready = /InfraTraq is ready at (\S+)/.exec(text);
    if (ready) return ready[1];
  }
  return assert.fail('The server said nothing of being ready');
}
