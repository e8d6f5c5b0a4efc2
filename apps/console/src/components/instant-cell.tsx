import { formatAgo, formatInstant } from '../format.js';
import list from './list.module.css';

/** The cell of a list that tells an instant, and how long ago it was. */
export function InstantCell({ instant }: { instant: string }) {
  return (
    <td className={list.time}>
      <time dateTime={instant}>{formatInstant(instant)}</time>
      <div className={list.aside}>{formatAgo(instant)}</div>
    </td>
  );
}
