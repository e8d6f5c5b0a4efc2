import { Alert } from '@mantine/core';
import { toProblem } from '../api/problem.js';
import { formatInstant } from '../format/time.js';
import styles from './overview.module.css';

/** The last poll failed, so what is on the screen is getting old. */
export function StaleNotice({ asOf, error }: { asOf: string; error: Error }) {
  return (
    <Alert color="orange" variant="light" role="status" py="xs" className={styles.stale} data-testid="stale">
      Showing the state of {formatInstant(asOf)}; still asking. {toProblem(error).title}.
    </Alert>
  );
}
