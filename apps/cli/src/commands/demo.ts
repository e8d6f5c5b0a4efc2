import { connectPostgres } from '@infratraq/postgres';
import { Command, InvalidArgumentError } from 'commander';
import { jsonOption, print, tell } from '../output/print.js';
import { DemonstrationTraffic } from '../demonstration/demonstration-traffic.js';
import { requireServer } from '../connections/find-addresses.js';

/** `infratraq demo`: drives realistic traffic against the running development server. */
export function demoCommand(source: NodeJS.ProcessEnv): Command {
  return new Command('demo')
    .description('drive row changes, chat, requests and reports against the running development server')
    .option('--seconds <count>', 'how long', parsePositive, 60)
    .option('--rate <count>', 'actions per second', parsePositive, 10)
    .option(...jsonOption)
    .action(async ({ seconds, rate, json }: { seconds: number; rate: number; json?: boolean }) => {
      const { url, postgresUrl } = await requireServer(source);
      const postgres = await connectPostgres({ url: postgresUrl, applicationName: 'infratraq demo' });
      const traffic = new DemonstrationTraffic(url, postgres);
      let isStopped = false;
      const stop = (): void => {
        isStopped = true;
        traffic.stop();
      };
      process.once('SIGINT', stop);
      try {
        tell(`Driving ${rate} actions a second for ${seconds} s; watch them at ${url}`);
        const counts = await traffic.run({ seconds, rate });
        const summary = Object.entries(counts).map(([action, count]) => `${count} ${action}`);
        const done = Object.values(counts).reduce((sum, count) => sum + count, 0);
        const asked = Math.round(rate * seconds);
        if (done < asked && !isStopped) tell(`The server took ${done} of the ${asked} actions in that time`);
        print(counts, json, () => `Done: ${summary.join(', ')}\n`);
      } finally {
        process.removeListener('SIGINT', stop);
        await traffic.close();
        await postgres.close();
      }
    });
}

function parsePositive(text: string): number {
  const count = Number(text);
  if (Number.isFinite(count) && count > 0) return count;
  throw new InvalidArgumentError('A number above 0 is needed');
}
