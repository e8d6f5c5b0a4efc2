import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const entry = fileURLToPath(import.meta.resolve('@infratraq/chat-client'));
const built = await build({
  configFile: false,
  logLevel: 'error',
  build: { write: false, lib: { entry, formats: ['iife'], name: 'infratraqChat' } },
});
const [output] = Array.isArray(built) ? built : [];
process.stdout.write(output?.output[0]?.code ?? '');
