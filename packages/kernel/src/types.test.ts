import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { expect, it } from '@jest/globals';

const tstyche = join(dirname(createRequire(import.meta.url).resolve('tstyche/package.json')), 'dist/bin.js');

it('rules that the compiler carries hold (the *.tst.ts files of this package)', () => {
  const run = spawnSync(process.execPath, [tstyche], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, NODE_OPTIONS: '', TSTYCHE_NO_COLOR: 'true' },
    encoding: 'utf8',
    timeout: 150_000,
  });
  expect({ status: run.status, report: run.status === 0 ? '' : run.stdout + run.stderr }).toEqual({
    status: 0,
    report: '',
  });
});
