import type { ReactNode } from 'react';
import list from './list.module.css';

/** A table that scrolls sideways where it does not fit; columns in `numeric` are aligned to the right. */
export function ListTable({
  label,
  columns,
  numeric = [],
  children,
}: {
  label: string;
  columns: readonly string[];
  numeric?: readonly string[];
  children: ReactNode;
}) {
  return (
    <div className={list.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={list.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" data-number={numeric.includes(column) || undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
