// Runs once after a jest run: stops what global-setup.mjs started and removes its folder.
import { rm } from 'node:fs/promises';

export default async function stopEnginesOfJest() {
  const started = globalThis[Symbol.for('infratraq.engines')];
  if (!started) return;
  await started.engines.stop();
  await rm(started.dataDirectory, { recursive: true, force: true });
}
