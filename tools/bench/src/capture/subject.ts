/** What a measured program tells the benchmark when it is done. */
export interface SubjectFigures {
  /** From the first document written to the last acknowledged. */
  seconds: number;
  cpuMicroseconds: number;
  peakMegabytes: number;
}

/** Measures from now on; `finish` reports to the parent process and ends this one. */
export function startMeasuring(): { finish: () => void } {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  return {
    finish: () => {
      const seconds = (performance.now() - startedAt) / 1_000;
      const { user, system } = process.cpuUsage(cpu);
      const figures: SubjectFigures = {
        seconds,
        cpuMicroseconds: user + system,
        peakMegabytes: process.resourceUsage().maxRSS / 1_024,
      };
      process.send?.(figures, undefined, undefined, () => process.exit(0));
    },
  };
}
