import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ContenderCommand } from './run-contender.js';

const run = promisify(execFile);
const sources = fileURLToPath(new URL('../../debezium', import.meta.url));
const dependencies = join(sources, 'pom.xml');
const program = join(sources, 'src', 'CaptureWithDebezium.java');

/**
 * Builds the Debezium contender once, into a folder outside the repository; answers how to start it with given options
 * of the virtual machine, or undefined, having said why, where Java or its libraries are not to be had.
 */
export async function provideDebezium(
  report: (line: string) => void,
): Promise<((...options: string[]) => ContenderCommand) | undefined> {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(cache, 'infratraq', 'bench', `debezium-${await digestSources()}`);
  try {
    await access(folder).catch(() => build(folder, report));
  } catch (error) {
    report(`Debezium is left out, for it needs Java, Maven and its artifacts: ${(error as Error).message}`);
    return undefined;
  }
  const classPath = [join(folder, 'classes'), join(folder, 'jars', '*')].join(':');
  return (...options) => ({ command: 'java', args: [...options, '-cp', classPath, 'CaptureWithDebezium'] });
}

/** What is built from other sources is another contender. */
async function digestSources(): Promise<string> {
  const digest = createHash('sha256');
  for (const source of [dependencies, program]) digest.update(await readFile(source));
  return digest.digest('hex').slice(0, 12);
}

async function build(folder: string, report: (line: string) => void): Promise<void> {
  report(`building the Debezium contender in ${folder}`);
  const building = `${folder}-${process.pid}`;
  try {
    await mkdir(join(building, 'classes'), { recursive: true });
    const jars = join(building, 'jars');
    await run('mvn', ['-q', '-f', dependencies, 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`]);
    await run('javac', ['-cp', join(jars, '*'), '-d', join(building, 'classes'), program]);
    // Moved into place whole, so that another run never starts half a program.
    await rename(building, folder);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}
