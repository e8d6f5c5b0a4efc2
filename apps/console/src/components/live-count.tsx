import { formatChange, formatCount } from '../format/count.js';
import styles from './live-count.module.css';

/** A number of documents, with what the last poll added or removed shown for a moment. */
export function LiveCount({
  count,
  change,
  asOf,
}: {
  count: number;
  change: number | undefined;
  asOf: string;
}) {
  return (
    <span className={styles.count}>
      {change !== undefined && (
        <span key={asOf} className={styles.change} data-testid="change" data-falling={change < 0}>
          {formatChange(change)}
        </span>
      )}
      {formatCount(count)}
    </span>
  );
}
