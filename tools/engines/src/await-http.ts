import type { EngineProcess } from './engine-process.js';
import { EngineUnavailableError } from './engine-unavailable-error.js';

/**
 * Waits until a server that was just started answers HTTP on loopback, with whatever status.
 *
 * @throws EngineUnavailableError `engine.start-failed` when it ends before
 */
export async function awaitHttp(name: string, server: EngineProcess, url: string): Promise<void> {
  while (!(await answers(url))) {
    if (server.hasExited())
      throw new EngineUnavailableError('engine.start-failed', `${name} ended:\n${server.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    async (response) => {
      await response.arrayBuffer();
      return true;
    },
    () => false,
  );
}
