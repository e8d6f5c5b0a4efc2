import { UnstyledButton } from '@mantine/core';
import { Fragment, useState } from 'react';
import { Link } from 'wouter';
import type { Schema } from '../api/client.js';
import { InstantCell } from '../components/instant-cell.js';
import { ListTable } from '../components/list-table.js';
import list from '../components/list.module.css';
import { formatValue } from '../format.js';

type Change = Schema<'Change'>;

/** The path of an entity's history. */
function pathOfEntity(type: string, id: string): string {
  return `/audit/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
}

/** Changes, one in a line; each opens to its values before and after. */
export function ChangeList({
  changes,
  ofType,
}: {
  changes: readonly Change[];
  /** Where they are those of one row of this table. */
  ofType?: string;
}) {
  const columns = ['When', 'Change', ...(ofType === undefined ? ['Entity'] : []), 'Fields', 'By'];
  return (
    <ListTable label="Changes" columns={columns}>
      {changes.map((change) => (
        <ChangeRow key={change.id} change={change} ofType={ofType} columns={columns.length} />
      ))}
    </ListTable>
  );
}

function ChangeRow({
  change,
  ofType,
  columns,
}: {
  change: Change;
  ofType: string | undefined;
  columns: number;
}) {
  const [isOpen, setOpen] = useState(false);
  const { id, entity_type, entity_id, operation, changed_at, changed_by, source } = change;
  const other = change.moved_to ?? change.moved_from;
  return (
    <Fragment>
      <tr data-testid="change-row" data-change={id} data-operation={operation}>
        <InstantCell instant={changed_at} />
        <td>
          <span className={list.tag} data-kind={operation}>
            {operation}
          </span>
          {other !== undefined && (
            <div className={list.aside}>
              {change.moved_to === undefined ? 'was' : 'is now'}{' '}
              <Link href={pathOfEntity(entity_type, other)}>{other}</Link>
            </div>
          )}
          {ofType !== undefined && ofType !== entity_type && (
            <div className={list.aside}>as {entity_type}</div>
          )}
        </td>
        {ofType === undefined && (
          <td className={list.break}>
            <Link href={pathOfEntity(entity_type, entity_id)}>
              {entity_type} {entity_id}
            </Link>
          </td>
        )}
        <td className={list.break}>
          <UnstyledButton
            className={list.toggle}
            aria-expanded={isOpen}
            data-testid="show-values"
            onClick={() => setOpen(!isOpen)}
          >
            {describeFields(change)} {isOpen ? '▴' : '▾'}
          </UnstyledButton>
        </td>
        <td className={list.break}>
          {changed_by}
          <div className={list.aside}>{source === 'direct_sql' ? 'by SQL' : 'by the application'}</div>
        </td>
      </tr>
      {isOpen && (
        <tr data-testid="values">
          <td colSpan={columns} data-detail>
            <ChangeDetail change={change} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

function describeFields({ operation, changed_fields }: Change): string {
  if (operation !== 'UPDATE' || changed_fields.length === 0) return 'Values';
  const named = changed_fields.slice(0, 3).join(', ');
  return changed_fields.length > 3 ? `${named} and ${changed_fields.length - 3} more` : named;
}

function ChangeDetail({ change }: { change: Change }) {
  const { operation, changed_fields, old_value, new_value, cause_id, reason, lsn } = change;
  const fields = operation === 'UPDATE' ? changed_fields : Object.keys({ ...old_value, ...new_value });
  return (
    <>
      {fields.length > 0 && (
        <table className={list.values}>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <tr key={field}>
                <th scope="row">{field}</th>
                <td>{formatValue(old_value?.[field])}</td>
                <td>{formatValue(new_value?.[field])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className={list.aside}>
        {reason && <>Reason: {reason}. </>}
        {cause_id && (
          <>
            Cause <Link href={`/audit?cause_id=${encodeURIComponent(cause_id)}`}>{cause_id}</Link>.{' '}
          </>
        )}
        Log position {lsn}.
      </p>
    </>
  );
}
