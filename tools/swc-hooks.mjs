// Runs TypeScript from source: node -C @infratraq/source --import ./tools/swc-hooks.mjs FILE.ts
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import swc from '../swc.config.mjs';

// What was compiled once is not compiled again by the next process: a start takes half the time.
const require = createRequire(import.meta.url);
const cache = fileURLToPath(new URL('../node_modules/.cache/swc-hooks', import.meta.url));
const { version } = require('@swc/core/package.json');
const compiledWith = JSON.stringify([version, swc]);
mkdirSync(cache, { recursive: true });
enableCompileCache(join(cache, 'node'));

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
    }
    return nextResolve(specifier, context);
  },
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !/\.tsx?$/.test(url)) return nextLoad(url, context);
    return { format: 'module', source: compile(fileURLToPath(url)), shortCircuit: true };
  },
});

function compile(filename) {
  const source = readFileSync(filename, 'utf8');
  const key = createHash('sha256')
    .update(compiledWith)
    .update(filename)
    .update('\0')
    .update(source)
    .digest('hex');
  const compiled = join(cache, `${key}.mjs`);
  if (existsSync(compiled)) return readFileSync(compiled, 'utf8');
  const { code } = require('@swc/core').transformSync(source, {
    ...swc,
    filename,
    configFile: false,
    swcrc: false,
  });
  keep(compiled, code);
  return code;
}

/** Moves it into place whole, so that another process never reads half of it. */
function keep(path, code) {
  const written = `${path}.${process.pid}`;
  try {
    writeFileSync(written, code);
    renameSync(written, path);
  } catch {
    // A full disk costs the next process time, and this one nothing.
    rmSync(written, { force: true });
  }
}
