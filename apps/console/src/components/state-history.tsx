import type { StateChange } from '../api/collection.js';
import { formatState } from '../format/name.js';
import { formatAgo, formatInstant } from '../format/time.js';
import styles from './collection-panel.module.css';

/** Who moved the collection from state to state, when and why. */
export function StateHistory({ history }: { history: readonly StateChange[] }) {
  if (history.length === 0)
    return <p className={styles.small}>It has been in this state from the beginning.</p>;
  return (
    <ol className={styles.list} data-testid="history">
      {history.map(({ from, to, changed_by, changed_at, reason }) => (
        <li key={`${changed_at} ${to}`} data-testid="state-change" data-to={to}>
          <div>
            {from === null ? formatState(to) : `${formatState(from)} → ${formatState(to)}`}
            {reason && <span className="quiet">: {reason}</span>}
          </div>
          <div className={styles.small}>
            {changed_by}, <time dateTime={changed_at}>{formatInstant(changed_at)}</time> (
            {formatAgo(changed_at)})
          </div>
        </li>
      ))}
    </ol>
  );
}
