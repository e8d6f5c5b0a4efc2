import { useQuery } from '@tanstack/react-query';
import { api, bodyOf, type Schema } from '../api/client.js';
import { FilterForm, useFilters } from '../components/filter-form.js';
import { ListTable } from '../components/list-table.js';
import list from '../components/list.module.css';
import { Pages } from '../components/pages.js';
import { formatCount } from '../format.js';

type Coverage = Schema<'TableCoverage'>;

const states: readonly Coverage['state'][] = ['captured', 'excluded', 'broken'];
const fields = [
  { name: 'state', label: 'Coverage', options: states.map((state) => ({ value: state, label: state })) },
] as const;

/** Every table, and whether its changes are captured. */
export function TableCoverage() {
  const filters = useFilters(fields) as { state?: Coverage['state'] };
  return (
    <>
      <Counts />
      <FilterForm fields={fields} />
      <Pages
        what="tables"
        queryKey={['capture', 'tables', filters]}
        ask={(cursor, signal) =>
          bodyOf(api.GET('/api/v1/capture/tables', { params: { query: { ...filters, cursor } }, signal }))
        }
      >
        {(tables) => (
          <ListTable label="Tables" columns={['Table', 'Coverage', 'Reason']}>
            {tables.map(({ table, state, reason }) => (
              <tr key={table} data-testid="table-row" data-state={state}>
                <td className={list.break}>{table}</td>
                <td>
                  <span className={list.tag} data-kind={state}>
                    {state}
                  </span>
                </td>
                <td className={list.break}>{reason}</td>
              </tr>
            ))}
          </ListTable>
        )}
      </Pages>
    </>
  );
}

/** How many tables are in each state; a failure is shown by the list. */
function Counts() {
  const { data } = useQuery({
    queryKey: ['capture', 'tables', 'counts'],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/capture/tables', { params: { query: { limit: 1 } }, signal })),
  });
  if (!data) return null;
  return (
    <p className="quiet" data-testid="coverage-counts">
      {states.map((state) => `${formatCount(data.counts[state])} ${state}`).join(', ')}
    </p>
  );
}
