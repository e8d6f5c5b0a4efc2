const width = 84;
const height = 24;
const slots = 60;

/** The latest values as a line from right to left; decoration, the number stands beside it. */
export function Sparkline({ values }: { values: readonly number[] }) {
  const highest = Math.max(...values, 1);
  const step = width / (slots - 1);
  const points = values.map((value, index) => {
    const x = width - (values.length - 1 - index) * step;
    const y = height - 1 - (value / highest) * (height - 3);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path d={`M0 ${height - 0.5}H${width}`} stroke="var(--line)" fill="none" />
      {points.length > 1 && (
        <polyline
          points={points.join(' ')}
          fill="none"
          stroke="var(--mantine-primary-color-filled)"
          strokeWidth="1.5"
          strokeLinejoin="round"
        />
      )}
    </svg>
  );
}
