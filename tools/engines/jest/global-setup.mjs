// Runs once before a jest run: databases for it on a temporary folder, unless their addresses are set already.
import '../../swc-hooks.mjs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default async function startEnginesForJest() {
  if (process.env.MONGODB_URI && process.env.POSTGRES_URL) return;
  const { startEngines } = await import('../src/index.ts');
  const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-jest-'));
  const engines = await startEngines({ dataDirectory, disposable: true });
  process.env.MONGODB_URI = engines.mongodbUri;
  process.env.POSTGRES_URL = engines.postgresUrl;
  globalThis[Symbol.for('infratraq.engines')] = { engines, dataDirectory };
}
