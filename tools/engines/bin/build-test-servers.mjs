#!/usr/bin/env node
// build-test-servers: builds the servers that tests talk to and that have no packages, where they are not in the cache.
import '../../swc-hooks.mjs';

const { goPrograms } = await import('../src/parts/go-programs.ts');
const { provideGoProgram } = await import('../src/parts/provide-go-program.ts');

for (const program of goPrograms) console.log(await provideGoProgram(program, console.error));
