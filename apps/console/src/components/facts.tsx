import type { ReactNode } from 'react';
import styles from './facts.module.css';

/** Facts about one thing, as term and value; a value that is absent is shown as a dash. */
export function Facts({ facts }: { facts: readonly (readonly [term: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(([term, value]) => (
        <div key={term} data-testid="fact" data-term={term}>
          <dt>{term}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  );
}
