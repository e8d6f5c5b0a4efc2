import { Tooltip, UnstyledButton } from '@mantine/core';
import type { StoreOverview } from '../api/collection.js';
import styles from './engine-badge.module.css';

/** Which engine holds the documents, and which capabilities it lacks. */
export function EngineBadge({ engine }: { engine: StoreOverview['engine'] }) {
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
