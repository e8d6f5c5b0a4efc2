/** One figure of a benchmark: ours beside the peer's from the same run, and whether the target is met. */
export interface Measurement {
  readonly bench: string;
  /** What was measured, with its unit. */
  readonly metric: string;
  readonly ours: number;
  /** Null where the target is an absolute figure. */
  readonly peer: number | null;
  /** `ours` divided by `peer`. */
  readonly ratio: number | null;
  /** In words: `at least 0.95 of the peer`. */
  readonly target: string;
  readonly ok: boolean;
}

/** A benchmark: prints nothing itself. */
export type Benchmark = (report: (line: string) => void) => Promise<Measurement[]>;

/** Compares with what a peer reached in the same run; a smaller figure is better where only `atMost` is given. */
export function compareWithPeer(
  bench: string,
  metric: string,
  { ours, peer }: { ours: number; peer: number },
  limit: { atLeast: number } | { atMost: number },
): Measurement {
  const ratio = ours / peer;
  const [target, ok] =
    'atLeast' in limit
      ? [`at least ${limit.atLeast} of the peer`, ratio >= limit.atLeast]
      : [`at most ${limit.atMost} of the peer`, ratio <= limit.atMost];
  return { bench, metric, ours: round(ours), peer: round(peer), ratio: round(ratio), target, ok };
}

/** Holds a figure to an absolute limit. */
export function holdToLimit(bench: string, metric: string, ours: number, atMost: number): Measurement {
  return {
    bench,
    metric,
    ours: round(ours),
    peer: null,
    ratio: null,
    target: `at most ${atMost}`,
    ok: ours <= atMost,
  };
}

/** The middle of the values; between the two middle ones where their number is even. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Three significant digits: what a run repeats. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}
