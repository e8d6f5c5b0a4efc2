import { Title } from '@mantine/core';
import { Link } from 'wouter';
import { api, bodyOf, type Schema } from '../api/client.js';
import { FilterForm, useFilters } from '../components/filter-form.js';
import { InstantCell } from '../components/instant-cell.js';
import { ListTable } from '../components/list-table.js';
import list from '../components/list.module.css';
import { Pages } from '../components/pages.js';

type Letter = Schema<'DeadLetter'>;

const choices = (values: readonly string[]) => values.map((value) => ({ value, label: value }));
const fields = [
  { name: 'state', label: 'State', emptyLabel: 'open', options: choices(['replayed', 'discarded']) },
  {
    name: 'origin',
    label: 'Origin',
    options: choices(['ingest', 'capture', 'webhook', 'notification', 'integration', 'job']),
  },
  { name: 'target', label: 'Target', placeholder: 'consumer:search-index' },
] as const;

/** What could not be delivered, recorded or captured, newest first. */
export function DeadLettersScreen() {
  const { state, origin, target } = useFilters(fields);
  const query = {
    state: state as Letter['state'] | undefined,
    origin: origin as Letter['origin'] | undefined,
    target,
    order: 'newest',
  } as const;
  return (
    <>
      <Title order={1} size="h3">
        Dead letters
      </Title>
      <FilterForm fields={fields} />
      <Pages
        what="dead letters"
        queryKey={['dead-letters', query]}
        ask={(cursor, signal) =>
          bodyOf(api.GET('/api/v1/dead-letters', { params: { query: { ...query, cursor } }, signal }))
        }
      >
        {(letters) => <LetterList letters={letters} />}
      </Pages>
    </>
  );
}

function LetterList({ letters }: { letters: readonly Letter[] }) {
  return (
    <ListTable
      label="Dead letters"
      columns={['When', 'State', 'Target', 'Reason', 'Attempts']}
      numeric={['Attempts']}
    >
      {letters.map(({ id, created_at, state, origin, target, entity_type, entity_id, reason, attempts }) => (
        <tr key={id} data-testid="letter-row" data-letter={id} data-state={state}>
          <InstantCell instant={created_at} />
          <td>
            <span className={list.tag} data-kind={state}>
              {state}
            </span>
          </td>
          <td className={list.break}>
            <Link href={`/dead-letters/${id}`}>{target}</Link>
            <div className={list.aside}>
              {origin}
              {entity_type && `, ${entity_type} ${entity_id ?? ''}`}
            </div>
          </td>
          <td className={list.break}>
            {reason.message}
            <div className={list.aside}>{reason.code}</div>
          </td>
          <td data-number>{attempts}</td>
        </tr>
      ))}
    </ListTable>
  );
}
