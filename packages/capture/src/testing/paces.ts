import type { Capture } from '../leading/capture.js';
import type { CaptureBench } from './open-capture-bench.js';

/** How capture goes along with what is done: at once, all of it later, or in a new process after every step. */
export const paces = ['along', 'later', 'restarted'] as const;
export type Pace = (typeof paces)[number];

/** Runs statements, each a transaction of its own, and answers once capture has stored what they did. */
export async function runAtPace(
  bench: CaptureBench,
  pace: Pace,
  statements: readonly string[],
): Promise<void> {
  let capture: Capture | undefined = pace === 'along' ? await bench.startCapture() : undefined;
  for (const statement of statements) {
    await bench.query(statement);
    if (pace === 'later') continue;
    capture ??= await bench.startCapture();
    await bench.catchUp(capture);
    if (pace === 'along') continue;
    await capture.stop();
    capture = undefined;
  }
  capture ??= await bench.startCapture();
  await bench.catchUp(capture);
  await capture.stop();
}
