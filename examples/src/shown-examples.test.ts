import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Programs that are run, and files that only compile: code that readers copy is one of the first, or part of any. */
const programs = globSync(['examples/src/**/*.ts', 'examples/applications/**/*.ts'], { cwd: root });
const texts = programs.map(read);
// A page says in its own words what an example's opening comment says.
const wholes = new Set(texts.map((text) => text.replace(/^(\/\/.*\n)+/, '')));
const parts = texts.map(condense);

const pages = globSync(['README.md', 'docs/guides/*.md', 'packages/*/README.md'], { cwd: root }).sort();

describe.each(pages)('%s', (page) => {
  const blocks = [...read(page).matchAll(/^```[tj]s([^\n]*)\n(.*?)^```$/gms)].map(
    ([, mark = '', code = '']) => ({
      isFragment: mark.trim() === 'fragment',
      code,
    }),
  );

  it('shows whole programs as they are run', () => {
    const shown = blocks.filter(({ isFragment }) => !isFragment).map(({ code }) => code);
    expect(shown.filter((code) => !wholes.has(code))).toEqual([]);
  });

  it('shows fragments, marked as such, of files that compile', () => {
    const shown = blocks.filter(({ isFragment }) => isFragment).map(({ code }) => code);
    expect(shown.filter((code) => !parts.some((part) => part.includes(condense(code))))).toEqual([]);
  });
});

it('every package has a README that shows its example first', () => {
  const names = globSync('packages/*', { cwd: root });
  const examples = names.map((name) => {
    const example = `examples/src/${name.slice('packages/'.length)}.ts`;
    const path = programs.includes(example)
      ? example
      : 'examples/applications/own-collection/conformance.test.ts';
    return { name, example: read(path).replace(/^(\/\/.*\n)+/, '') };
  });
  const lacking = examples.filter(
    ({ name, example }) => /^```ts\n(.*?)^```$/ms.exec(read(`${name}/README.md`))?.[1] !== example,
  );
  expect(lacking.map(({ name }) => name)).toEqual([]);
});

/** Code without what a formatter decides: white space, and commas before closing brackets. */
function condense(code: string): string {
  return code.replace(/\s+/g, '').replace(/,([)\]}])/g, '$1');
}
