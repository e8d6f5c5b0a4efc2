import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';

const root = join(import.meta.dirname, '../../..');
const boundaryRule = '@nx/enforce-module-boundaries';

describe('module boundaries', () => {
  // Without Nx around it, the rule reads the project graph that is on disk; this brings that up to date.
  beforeAll(() => {
    execFileSync('node', ['tools/check-tags.mjs'], {
      cwd: root,
      env: { ...process.env, NX_DAEMON: 'false' },
    });
  });

  it.each([
    ['domain-imports-domain', 'packages/audit/src/fixture.ts'],
    ['domain-imports-store', 'packages/audit/src/fixture.ts'],
    ['domain-imports-app', 'packages/audit/src/fixture.ts'],
    ['source-imports-testing', 'packages/audit/src/fixture.ts'],
    ['source-imports-engines', 'packages/audit/src/fixture.ts'],
    ['source-imports-testing', 'packages/store/src/fixture.ts'],
    ['kernel-imports-platform', 'packages/kernel/src/fixture.ts'],
    ['platform-imports-domain', 'packages/mongo/src/fixture.ts'],
    ['domain-imports-domain', 'packages/audit/src/fixture.test.ts'],
    ['domain-imports-domain', 'packages/chat-client/src/fixture.ts'],
    ['platform-imports-client', 'packages/mongo/src/fixture.ts'],
    ['platform-imports-client', 'packages/audit/src/fixture.ts'],
    ['domain-imports-kernel', 'packages/chat-wire/src/fixture.ts'],
  ])('refuse %s in %s', async (fixture, placedAt) => {
    expect(await lint(fixture, placedAt)).toContain(boundaryRule);
  });

  it.each([
    ['domain-imports-kernel', 'packages/audit/src/fixture.ts'],
    ['source-imports-testing', 'packages/audit/src/fixture.test.ts'],
    ['source-imports-testing', 'packages/audit/src/example-documents.ts'],
    ['domain-imports-domain', 'packages/store/src/fixture.ts'],
    ['domain-imports-domain', 'packages/chat-client/src/fixture.test.ts'],
    ['client-imports-contract', 'packages/chat-client/src/fixture.ts'],
    ['client-imports-contract', 'packages/messaging/src/fixture.ts'],
  ])('let %s pass in %s', async (fixture, placedAt) => {
    expect(await lint(fixture, placedAt)).toEqual([]);
  });
});

/** Lints a fixture with the real configuration as if it stood at `placedAt`; answers the rules that it breaks. */
async function lint(fixture: string, placedAt: string): Promise<(string | null)[]> {
  const text = readFileSync(join(root, 'tools/generators/fixtures/boundaries', `${fixture}.ts`), 'utf8');
  const [result] = await new ESLint({ cwd: root }).lintText(text, { filePath: join(root, placedAt) });
  return result?.messages.map((message) => message.ruleId) ?? [];
}
