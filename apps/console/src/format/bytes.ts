const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes for people, in decimal units and three significant digits: 1536 is `1.54 kB`. */
export function formatBytes(bytes: number): string {
  const exponent = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const scaled = roundTo3(bytes / 1000 ** exponent);
  // Rounding can reach the next unit: 999,999 bytes are 1 MB, not 1000 kB.
  return scaled >= 1000 && exponent < units.length - 1
    ? `${scaled / 1000} ${units[exponent + 1]}`
    : `${scaled} ${units[exponent]}`;
}

function roundTo3(value: number): number {
  return value >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}
