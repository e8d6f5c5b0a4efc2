import type { CollectionSummary } from '../api/collection.js';
import { formatShortCount } from '../format/count.js';
import styles from './growth-mark.module.css';

const levels = { low: 1, moderate: 2, high: 3 } as const;

/** A growth pattern as one to three bars, with the documents that a day adds. */
export function GrowthMark({ growth }: { growth: CollectionSummary['growth'] }) {
  const level = levels[growth.pattern];
  return (
    <span className={styles.growth} title={`${growth.pattern} growth`}>
      <span className={styles.bars} role="img" aria-label={`${growth.pattern} growth`}>
        {[1, 2, 3].map((bar) => (
          <i key={bar} data-on={bar <= level} />
        ))}
      </span>
      <span className="numeric">
        {formatShortCount(growth.documents_per_day)}
        <span className="quiet"> / day</span>
      </span>
    </span>
  );
}
