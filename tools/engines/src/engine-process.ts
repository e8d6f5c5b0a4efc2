import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { EngineUnavailableError } from './engine-unavailable-error.js';

/** How to run one engine as a process of its own. */
export interface EngineProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly workingDirectory?: string;
  readonly account?: { readonly uid: number; readonly gid: number };
  /** The signal on which the engine shuts down cleanly. */
  readonly stopSignal: 'SIGINT' | 'SIGTERM';
  readonly log: (line: string) => void;
}

/** A running engine that ends with this process, however this process ends. */
export interface EngineProcess {
  readonly pid: number;
  /** The last lines of its output, for error messages. */
  output(): string;
  hasExited(): boolean;
  /** Shuts the engine down cleanly, by force after 20 seconds. */
  stop(): Promise<void>;
  /** Ends the engine with SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

// Reads from a pipe that only we hold: end of file without a line means that we're gone, by whatever signal.
const WATCH = `
if read -r _; then exit 0; fi
kill -s "$2" "$1" || exit 0
tries=0
while [ "$tries" -lt 100 ] && kill -0 "$1"; do tries=$((tries + 1)); sleep 0.1; done
kill -s KILL "$1"`;
const FORCE_AFTER_MILLISECONDS = 20_000;
const KEPT_LINES = 40;

/** Starts an engine and a watcher that ends it should this process disappear. */
export async function startEngineProcess(options: EngineProcessOptions): Promise<EngineProcess> {
  const lines: string[] = [];
  const child = spawn(options.command, options.arguments, {
    // A group of its own, so that Ctrl-C in a terminal reaches us first and we stop the engine in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.environment ?? process.env,
    cwd: options.workingDirectory,
    ...options.account,
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      options.log(`${options.name}: ${line}`);
    });
  }
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new EngineUnavailableError(
      'engine.start-failed',
      `${options.name} can't be run as ${options.command}.`,
      cause,
    );
  }
  const pid = child.pid as number;
  const watcher = spawn('/bin/sh', ['-c', WATCH, 'sh', String(pid), options.stopSignal.slice(3)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', (error) => options.log(`${options.name}: runs without a watcher: ${error.message}`));
  watcher.stdin.on('error', (error) =>
    options.log(`${options.name}: its watcher has gone: ${error.message}`),
  );
  child.once('exit', () => watcher.stdin.end('done\n'));
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;
  releaseEventLoop(child, watcher);

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (hasExited()) return;
    child.ref();
    const exited = once(child, 'exit');
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), FORCE_AFTER_MILLISECONDS);
    await exited;
    clearTimeout(force);
  }
  return {
    pid,
    output: () => lines.join('\n'),
    hasExited,
    stop: () => end(options.stopSignal),
    kill: () => end('SIGKILL'),
  };
}

/** Lets this process end on its own while an engine runs: the watcher then stops the engine. */
function releaseEventLoop(...children: ChildProcess[]): void {
  for (const child of children) {
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
    }
  }
}
