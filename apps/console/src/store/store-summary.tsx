import { Title, Tooltip, UnstyledButton } from '@mantine/core';
import type { Schema } from '../api/client.js';
import { formatCount, formatRate, formatSize } from '../format.js';
import type { LiveOverview } from './compare-overviews.js';
import styles from './store-summary.module.css';

/** The whole store in a line: its engine, its totals, and the events that come in. */
export function StoreSummary({ live }: { live: LiveOverview }) {
  const { totals, engine } = live.overview;
  const figures = [
    { label: 'collections', value: formatCount(totals.collections) },
    { label: 'documents', value: formatCount(totals.documents) },
    { label: 'stored', value: formatSize(totals) },
  ];
  return (
    <div className={styles.summary}>
      <div className={styles.name}>
        <Title order={1} size="h3">
          Document store
        </Title>
        <EngineBadge engine={engine} />
      </div>
      <dl className={styles.figures} data-testid="totals">
        {figures.map(({ label, value }) => (
          <div key={label} className={styles.figure}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className={styles.rate}>
        <Sparkline values={live.rates} />
        <div className={styles.rateFigure}>
          <div className={styles.value} data-testid="event-rate" data-per-second={live.eventsPerSecond ?? ''}>
            {live.eventsPerSecond === null ? '–' : formatRate(live.eventsPerSecond)}
          </div>
          <div className={styles.label}>events / s</div>
        </div>
      </div>
    </div>
  );
}

/** Which engine holds the documents, and which capabilities it lacks. */
function EngineBadge({ engine }: { engine: Schema<'StoreOverview'>['engine'] }) {
  const lacking = engine.missing.length;
  const explanation = lacking ? `Off on this engine: ${engine.missing.join(', ')}` : 'Every capability is on';
  return (
    <Tooltip
      label={explanation}
      multiline
      maw={360}
      withArrow
      events={{ hover: true, focus: true, touch: true }}
    >
      <UnstyledButton className={styles.engine} data-testid="engine" aria-description={explanation}>
        <span className={styles.light} data-lacking={lacking > 0} aria-hidden="true" />
        {engine.name} {engine.version}
        {lacking > 0 && <span className={styles.lacking}>{lacking} off</span>}
      </UnstyledButton>
    </Tooltip>
  );
}

const width = 84;
const height = 24;
const slots = 60;

/** The latest values as a line from right to left; decoration, for the number stands beside it. */
function Sparkline({ values }: { values: readonly number[] }) {
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
