/** Tells the benchmark how far a contender has come, in lines that every language can write. */
export interface Progress {
  /** Rows are stored; the benchmark takes the time at each of the marks that it has set. */
  stored(rows: number): void;
  /** One row is stored, of those whose latency is measured; the first field of `stored ID NANOSECONDS`. */
  storedOne(id: string): void;
  /** The first row is about to be read. */
  started(): void;
}

/** Reads the marks from the environment. */
export function reportProgress(): Progress {
  const marks = (process.env['MARKS'] ?? '').split(',').map(Number);
  let reached = 0;
  let rows = 0;
  const tell = (line: string) => process.stdout.write(`${line}\n`);
  return {
    started: () => tell('started'),
    storedOne: (id) => tell(`stored ${id} ${process.hrtime.bigint()}`),
    stored: (more) => {
      rows += more;
      for (; reached < marks.length && rows >= (marks[reached] as number); reached += 1)
        tell(`reached ${marks[reached]}`);
    },
  };
}
