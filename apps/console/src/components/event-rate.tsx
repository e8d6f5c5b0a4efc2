import { formatRate } from '../format/count.js';
import { Sparkline } from './sparkline.js';
import styles from './header.module.css';

/** Events recorded per second, now and over the last two minutes. */
export function EventRate({ perSecond, rates }: { perSecond: number | null; rates: readonly number[] }) {
  return (
    <div className={styles.rate}>
      <Sparkline values={rates} />
      <div className={styles.rateFigure}>
        <div className={styles.value} data-testid="event-rate" data-per-second={perSecond ?? ''}>
          {perSecond === null ? '–' : formatRate(perSecond)}
        </div>
        <div className={styles.label}>events / s</div>
      </div>
    </div>
  );
}
