import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** How to start a contender. */
export interface ContenderCommand {
  command: string;
  args: readonly string[];
}

/** A stretch of a contender's run, up to a mark from the one before; memory is the highest since its start. */
export interface Stretch {
  rows: number;
  seconds: number;
  cpuMicroseconds: number;
  peakMegabytes: number;
}

export interface RunOptions {
  environment: Record<string, string>;
  /** Rows after which the time is taken; the last one ends the contender. */
  marks: readonly number[];
  /** Called once the contender has started, with a signal for its end; what it rejects with ends the run. */
  onStarted?: (signal: AbortSignal) => Promise<void>;
  /** Given all other lines; answers whether the contender is done. */
  onLine?: (line: string) => boolean;
}

/** Runs a contender in a process of its own, whose time and memory the kernel counts, and answers each stretch. */
export async function runContender(
  { command, args }: ContenderCommand,
  { environment, marks, onStarted, onLine }: RunOptions,
): Promise<Stretch[]> {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment, MARKS: marks.join(',') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid as number;
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-8_000)));
  const exited = once(child, 'exit');
  const ended = new AbortController();
  const silence = setTimeout(() => child.kill('SIGKILL'), mostSilenceMilliseconds);
  const stretches: Stretch[] = [];
  let last = { at: 0, cpuMicroseconds: 0, rows: 0 };
  try {
    for await (const line of createInterface(child.stdout)) {
      const at = performance.now();
      silence.refresh();
      if (line === 'started') {
        last = { at, cpuMicroseconds: await readCpu(pid), rows: 0 };
        void onStarted?.(ended.signal).catch((error: unknown) => child.stdout.destroy(error as Error));
      } else if (line.startsWith('reached ')) {
        const rows = Number(line.slice('reached '.length));
        const cpuMicroseconds = await readCpu(pid);
        stretches.push({
          rows: rows - last.rows,
          seconds: (at - last.at) / 1_000,
          cpuMicroseconds: cpuMicroseconds - last.cpuMicroseconds,
          peakMegabytes: await readPeak(pid),
        });
        last = { at, cpuMicroseconds, rows };
        if (stretches.length === marks.length) return stretches;
      } else if (onLine?.(line) === true) return stretches;
    }
    throw new Error(`${command} ${args.at(-1)} ended, or was ended, before it was done: ${said}`);
  } finally {
    clearTimeout(silence);
    ended.abort();
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
  }
}

/** A contender from which nothing comes for so long hangs. */
const mostSilenceMilliseconds = 180_000;
const microsecondsPerTick = 10_000;

/** User and system time of the process, all its threads included. */
async function readCpu(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name before may hold spaces; the fields are counted from behind it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick;
}

async function readPeak(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1]) / 1_024;
}
