import type { LiveOverview } from '../api/compare-overviews.js';
import { ColorSchemeSwitch } from './color-scheme-switch.js';
import { EngineBadge } from './engine-badge.js';
import { EventRate } from './event-rate.js';
import { Totals } from './totals.js';
import styles from './header.module.css';

export function Header({ live }: { live: LiveOverview }) {
  const { totals, engine } = live.overview;
  return (
    <header className={styles.header}>
      <div className={styles.content}>
        <img src="/mark.svg" alt="" width={28} height={28} />
        <div className={styles.name}>
          <h1 className={styles.title}>
            InfraTraq <span className="quiet">document store</span>
          </h1>
          <EngineBadge engine={engine} />
        </div>
        <Totals totals={totals} />
        <EventRate perSecond={live.eventsPerSecond} rates={live.rates} />
        <ColorSchemeSwitch />
      </div>
    </header>
  );
}
