import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { createTestDatabases } from '@infratraq/engines';
import type { OutsideProject } from './outside-project.js';

/** An application of the outside project that listens, with databases of its own. */
export interface RunningApplication {
  readonly url: string;
  /** Asks it to end, and answers its exit code. */
  stop(): Promise<number | null>;
}

/** Starts one of the applications in `examples/applications`, on the oldest Node that packages promise to run on. */
export async function startApplication(project: OutsideProject, name: string): Promise<RunningApplication> {
  const databases = await createTestDatabases();
  const { NODE_OPTIONS: _options, ...environment } = process.env;
  const program = spawn(project.nodes['22'], [`dist/applications/${name}/main.js`], {
    cwd: project.folder,
    env: {
      ...environment,
      PORT: '0',
      MONGODB_URI: databases.mongodbUri,
      POSTGRES_URL: databases.postgresUrl,
      OBJECTS_URL: pathToFileURL(join(project.folder, 'objects', name)).href,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(program, 'exit');
  const url = await Promise.race([
    readAddress(program.stdout),
    exited.then(([code]) => {
      throw new Error(`${name} ended with ${code} before it listened`);
    }),
  ]);
  return {
    url,
    async stop() {
      program.kill('SIGTERM');
      const [code, signal] = await exited;
      await databases.drop();
      return signal === 'SIGTERM' ? 0 : code;
    },
  };
}

async function readAddress(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) {
    const [, url] = /^ready at (\S+)/.exec(line) ?? [];
    if (url) return url;
  }
  throw new Error('The application ended its output and never said where it listens');
}
