import { expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const source = new URL('supervise-process.ts', import.meta.url).href;
const { NODE_OPTIONS: _options, ...environment } = process.env;

/** Runs a program under supervision, which closes in `closing`; answers how it ended and what it wrote. */
async function run(body: string, closing = 'async () => undefined'): Promise<[status: number, told: string]> {
  const program = `
    import { superviseProcess } from ${JSON.stringify(source)};
    superviseProcess({
      onFatal: (error, what) => console.log('fatal ' + error?.message + ' ' + what),
      close: async (reason) => { console.log('close', reason); await (${closing})(); console.log('closed'); },
      closeMilliseconds: 300,
    });
    setInterval(() => undefined, 1_000);
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [told, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return [status as number, told];
}

const never = '() => new Promise(() => undefined)';

it.each([
  ['a signal', `process.kill(process.pid, 'SIGTERM')`, undefined, 0, /^close signal\nclosed\n$/],
  [
    'an emitter without a listener',
    `const { EventEmitter } = await import('node:events');
     setImmediate(() => new EventEmitter().emit('error', new Error('lost')));`,
    undefined,
    1,
    /^fatal lost the process ends, because an error was caught by nothing .*\nclose fault\nclosed\n$/,
  ],
  [
    'a promise that nothing waits for',
    `void Promise.reject(new Error('lost'));`,
    undefined,
    1,
    /^fatal lost the process ends, because a promise failed .*\nclose fault\nclosed\n$/,
  ],
  [
    'a part that never closes',
    `process.kill(process.pid, 'SIGTERM')`,
    never,
    1,
    /^close signal\nfatal undefined the process did not close within 300 ms\n$/,
  ],
  [
    'a second signal',
    `process.kill(process.pid, 'SIGTERM'); setTimeout(() => process.kill(process.pid, 'SIGINT'), 50)`,
    never,
    130,
    /^close signal\n$/,
  ],
])('ends in order after %s', async (_what, body, closing, status, told) => {
  const [ended, said] = await run(body, closing);
  expect(said).toMatch(told);
  expect(ended).toBe(status);
});
