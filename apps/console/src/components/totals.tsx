import type { StoreOverview } from '../api/collection.js';
import { formatBytes } from '../format/bytes.js';
import { formatCount } from '../format/count.js';
import styles from './header.module.css';

export function Totals({ totals }: { totals: StoreOverview['totals'] }) {
  const figures = [
    { label: 'collections', value: formatCount(totals.collections) },
    { label: 'documents', value: formatCount(totals.documents) },
    { label: 'stored', value: formatBytes(totals.size_bytes) },
  ];
  return (
    <dl className={styles.figures} data-testid="totals">
      {figures.map(({ label, value }) => (
        <div key={label} className={styles.figure}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
