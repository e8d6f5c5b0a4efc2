import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const wrapper = fileURLToPath(new URL('../bin/with-engines.mjs', import.meta.url));

function runWithEngines(command: string, environment: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [wrapper, 'sh', '-c', command], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  return { child, exit: once(child, 'exit') };
}

describe('with-engines', () => {
  test('exports the addresses of running engines and passes the exit code on', async () => {
    const { child, exit } = runWithEngines('echo "$MONGODB_URI $POSTGRES_URL"; exit 7', {
      MONGODB_URI: '',
      POSTGRES_URL: '',
    });
    const [output, [code]] = await Promise.all([text(child.stdout), exit]);
    expect(output).toMatch(/^mongodb:\/\/127\.0\.0\.1:\d+\S* postgres:\/\/\S+@127\.0\.0\.1:\d+\/postgres\n$/);
    expect(code).toBe(7);
  });

  test('passes a request to stop on to the command and waits for it', async () => {
    const { child, exit } = runWithEngines(
      "trap 'echo stopped; exit 3' TERM; echo ready; while :; do sleep 0.1; done",
      {},
    );
    await once(child.stdout, 'data');
    const rest = text(child.stdout);
    child.kill('SIGTERM');
    expect(await exit).toEqual([3, null]);
    expect(await rest).toBe('stopped\n');
  });
});
