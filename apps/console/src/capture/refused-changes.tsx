import { api, bodyOf } from '../api/client.js';
import { InstantCell } from '../components/instant-cell.js';
import { ListTable } from '../components/list-table.js';
import list from '../components/list.module.css';
import { Pages } from '../components/pages.js';

/** Changes that the changelog refused, and why. */
export function RefusedChanges() {
  return (
    <Pages
      what="refused changes"
      empty="The changelog has refused no change."
      queryKey={['capture', 'refused']}
      ask={(cursor, signal) =>
        bodyOf(api.GET('/api/v1/capture/refused', { params: { query: { cursor } }, signal }))
      }
    >
      {(changes) => (
        <ListTable
          label="Refused changes"
          columns={['Refused', 'Table', 'Reason', 'Attempts', 'Change']}
          numeric={['Attempts']}
        >
          {changes.map(({ change_id, entity_type, refused_at, attempts, reason }) => (
            <tr key={change_id} data-testid="refused-row">
              <InstantCell instant={refused_at} />
              <td className={list.break}>{entity_type}</td>
              <td className={list.break}>{reason}</td>
              <td data-number>{attempts}</td>
              <td className={list.break}>{change_id}</td>
            </tr>
          ))}
        </ListTable>
      )}
    </Pages>
  );
}
