import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../../../..');

describe('nx g collection', () => {
  let copy: string;

  beforeAll(() => {
    copy = copyRepository();
    run('git', 'init', '--quiet');
    run('git', 'add', '--all');
    run('git', '-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit', '--quiet', '-m', 'before');
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  const run = (command: string, ...words: string[]): string =>
    execFileSync(command, words, {
      cwd: copy,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NX_DAEMON: 'false',
        PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
      },
    });

  it('changes its class, one line of its category and generated files only, and the new collection conforms', () => {
    run('nx', 'g', 'collection', '--name=lift-inspection', '--category=observability', '--no-interactive');

    const changed = run('git', 'status', '--porcelain', '--untracked-files=all').trimEnd().split('\n');
    expect(changed.filter((line) => !line.includes('docs/collections/')).sort()).toEqual([
      ' M packages/observability/src/collections.ts',
      '?? packages/observability/src/collections/lift-inspection.ts',
    ]);
    const line = run('git', 'diff', '--numstat', 'packages/observability/src/collections.ts');
    expect(line.split('\t').slice(0, 2)).toEqual(['1', '0']);
    expect(run('npm', 'run', 'generate', '--silent', '--', '--check')).toBe('');

    run('node', 'node_modules/typescript-native/bin/tsc', '-b', 'packages/observability/tsconfig.lib.json');
    run('jest', '-c', 'packages/observability/jest.config.mjs', '--silent', 'conformance');
    run('jest', '-c', 'packages/store/jest.config.mjs', '--silent');
  }, 240_000);
});

/** Copies what git would commit, with its own links between the packages and everybody's dependencies. */
function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'infratraq-copy-'));
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  });
  const files = listed.toString().split('\0').filter(Boolean);
  for (const file of files) cpSync(join(root, file), join(copy, file), { recursive: true });
  linkDependencies(copy);
  for (const folder of new Set(files.filter((file) => file.endsWith('/package.json')).map(dirname)))
    linkNested(copy, folder);
  return copy;
}

function linkDependencies(copy: string): void {
  const [from, to] = [join(root, 'node_modules'), join(copy, 'node_modules')];
  mkdirSync(join(to, '@infratraq'), { recursive: true });
  for (const name of readdirSync(from).filter((name) => name !== '@infratraq' && name !== '.cache'))
    symlinkSync(join(from, name), join(to, name));
  for (const group of ['packages', 'apps', 'tools'])
    for (const name of readdirSync(join(copy, group), { withFileTypes: true }))
      if (name.isDirectory()) symlinkSync(join(copy, group, name.name), join(to, '@infratraq', name.name));
}

function linkNested(copy: string, folder: string): void {
  const nested = readdirSync(join(root, folder)).includes('node_modules');
  if (nested && folder !== '.')
    symlinkSync(join(root, folder, 'node_modules'), join(copy, folder, 'node_modules'));
}
