import { compareWithPeer, holdToLimit, type Measurement } from '../measurement.js';
import type { Stretch } from './run-contender.js';

/** Each contender's stretches: cold, and in a full run warm. */
export type Results = Record<string, Stretch[]>;

export function rateOf({ rows, seconds }: Stretch): number {
  return rows / seconds;
}

const cpuOf = ({ rows, cpuMicroseconds }: Stretch) => cpuMicroseconds / rows;

/** Ours beside what writes the same documents with less to do, and within the memory that it may have. */
export function compareRates(workload: string, results: Results): Measurement[] {
  const bench = `capture ${workload}`;
  const ours = results['ours'] as Stretch[];
  const beside = (peer: string) =>
    compareWithPeer(
      bench,
      `rows/s beside ${peer}`,
      { ours: rateOf(ours[0] as Stretch), peer: rateOf(results[peer]![0] as Stretch) },
      { atLeast: 0.95 },
    );
  return [
    beside('raw insertMany'),
    beside('minimal loop'),
    holdToLimit(bench, 'peak memory, MB', (ours.at(-1) as Stretch).peakMegabytes, 120),
  ];
}

/** Nothing where Debezium was left out. */
export function compareWithDebezium(workload: string, results: Results): Measurement[] {
  const ours = results['ours'] as Stretch[];
  return Object.entries(results)
    .filter(([name]) => name.startsWith('Debezium'))
    .flatMap(([name, stretches]) =>
      stretches.flatMap((theirs, place) => {
        const [state, atLeast] = place === 0 ? ['cold', 2] : ['warm', 1.5];
        const own = ours[place] as Stretch;
        const bench = `capture ${workload}`;
        return [
          compareWithPeer(
            bench,
            `rows/s beside ${name}, ${state}`,
            { ours: rateOf(own), peer: rateOf(theirs) },
            { atLeast: Number(atLeast) },
          ),
          compareWithPeer(
            bench,
            `CPU µs per row beside ${name}, ${state}`,
            { ours: cpuOf(own), peer: cpuOf(theirs) },
            { atMost: 0.2 },
          ),
        ];
      }),
    );
}
