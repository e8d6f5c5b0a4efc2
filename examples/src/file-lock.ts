// Of all processes that share a folder, one owns it; when it dies, another takes over.
import { takeLock } from '@infratraq/file-lock';
import { tmpdir } from 'node:os';

const path = `${tmpdir()}/infratraq-example-${process.pid}`;
const first = takeLock(path);
const second = takeLock(path);
console.log(`first taken: ${first.taken}, second taken: ${second.taken}`);
if (first.taken) first.release();
