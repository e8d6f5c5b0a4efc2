import { Problem } from './problem.js';
import { TokenNeeded } from './session.js';

/** Polling asks again soon enough, so only a lost or overloaded server is worth one more try at once. */
export function shouldRetry(failures: number, error: Error): boolean {
  const final = error instanceof TokenNeeded || (error instanceof Problem && error.status < 500);
  return !final && failures < 1;
}
