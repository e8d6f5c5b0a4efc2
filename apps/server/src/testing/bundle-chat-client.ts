import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('print-chat-client-bundle.ts', import.meta.url));
const { NODE_OPTIONS: _options, ...environment } = process.env;

/** Bundles the chat client as a script that a page can load, where it is `infratraqChat`. */
export async function bundleChatClient(): Promise<string> {
  // In a process of its own: the bundler's native part does not know the objects of Jest's contexts.
  const { stdout } = await promisify(execFile)(process.execPath, ['-C', '@infratraq/source', program], {
    env: environment,
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}
