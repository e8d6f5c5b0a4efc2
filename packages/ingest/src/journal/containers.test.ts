import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import type { LockOwner } from '@infratraq/file-lock';
import { makeFolder, readAll } from '../testing/journals.js';
import { claimJournalFolder } from './claim-journal-folder.js';
import { Journal } from './journal.js';

interface Report {
  readonly pid: number;
  readonly folder?: string;
  readonly recovered?: number;
  readonly code?: string;
  readonly message?: string;
}

const program = new URL('../testing/journal-owner.ts', import.meta.url).pathname;
const hooks = new URL('../../../../tools/swc-hooks.mjs', import.meta.url).href;
// Each with a process 1 of its own, under one host name and one boot: what containers of one image look like.
const ways = [
  ['--pid', '--fork', '--kill-child', '--mount-proc'],
  ['--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc'],
];
const way = ways.find((flags) => spawnSync('unshare', [...flags, 'true']).status === 0);
process.stderr.write(
  way ? `containers: unshare ${way.join(' ')}\n` : 'containers: none, for unshare is not permitted here\n',
);

const running: ChildProcess[] = [];
afterEach(() => {
  for (const one of running.splice(0)) one.kill('SIGKILL');
});

/** Runs the program in a container of its own; answers what it says first. */
async function runInContainer(root: string, count = 0): Promise<{ process: ChildProcess; report: Report }> {
  const parameters = [process.execPath, '-C', '@infratraq/source', '--import', hooks, program];
  const container = spawn('unshare', [...(way ?? []), ...parameters], {
    env: { ...process.env, NODE_OPTIONS: '', JOURNAL: root, COUNT: String(count) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(container);
  const [line] = (await once(createInterface(container.stdout), 'line')) as [string];
  return { process: container, report: JSON.parse(line) as Report };
}

async function kill(container: ChildProcess): Promise<void> {
  const exited = once(container, 'exit');
  container.kill('SIGKILL');
  await exited;
}

if (way) {
  describe('a journal on a volume of two containers, in which both are process 1', () => {
    it('stays with the one that lives, however long it stands still, and refuses the other', async () => {
      const root = makeFolder();
      const { report: first } = await runInContainer(root, 3);
      expect(first).toMatchObject({ pid: 1, folder: join(root, '0'), recovered: 0 });
      const owner = join(root, '0', 'owner');
      const { pid, host } = JSON.parse(readFileSync(owner, 'utf8')) as LockOwner;
      // As if it had not come to renew its lock for years.
      utimesSync(owner, 1, 1);
      const { report: second } = await runInContainer(root);
      expect(second).toMatchObject({ pid: 1, code: 'journal.in-use' });
      for (const part of [join(root, '0'), `process ${pid} on ${host}`, 'DATA_DIR'])
        expect(second.message).toContain(part);
      // Neither is it adopted by a process outside.
      expect(() => claimJournalFolder(root)).toThrow(expect.objectContaining({ code: 'journal.in-use' }));
    });

    it('is taken over at once, with what is in it, from one that was killed', async () => {
      const root = makeFolder();
      const first = await runInContainer(root, 3);
      await kill(first.process);
      const second = await runInContainer(root, 2);
      expect(second.report).toMatchObject({ pid: 1, folder: join(root, '0'), recovered: 3 });
      await kill(second.process);
      // The kernel ends a container's processes after the one that made it.
      const journal = new Journal(await eventually(() => claimJournalFolder(root)));
      expect(readAll(journal, 'a')).toEqual([0, 1, 2, 0, 1]);
      journal.close();
    });
  });
} else {
  it('finds no containers to test with, and has said so', () => expect(way).toBeUndefined());
}
