import { Progress } from '@mantine/core';
import type { CollectionSummary } from '../api/collection.js';
import { formatBytes } from '../format/bytes.js';
import { measureFullness } from '../format/fullness.js';
import styles from './size-gauge.module.css';

type Sizes = Pick<CollectionSummary, 'size_bytes' | 'expected_bytes' | 'warn_bytes'>;

/** What a collection holds against what its policy expects it to hold. */
export function SizeGauge({ sizes }: { sizes: Sizes }) {
  const { percent, overWarning } = measureFullness(sizes);
  const expected = formatBytes(sizes.expected_bytes);
  return (
    <div
      data-over-warning={overWarning}
      title={overWarning ? `Above its warning size of ${formatBytes(sizes.warn_bytes)}` : undefined}
    >
      <div className={styles.figures}>
        <span className={styles.size} data-testid="size">
          {formatBytes(sizes.size_bytes)}
        </span>
        <span className="quiet">of {expected}</span>
      </div>
      <Progress
        value={percent}
        size={3}
        color={overWarning ? 'orange' : undefined}
        aria-label={`Share of the expected ${expected}${overWarning ? ', above the warning size' : ''}`}
      />
    </div>
  );
}
