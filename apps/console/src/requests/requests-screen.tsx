import { Title } from '@mantine/core';
import { Link } from 'wouter';
import { api, bodyOf, type Schema } from '../api/client.js';
import { FilterForm, useFilters } from '../components/filter-form.js';
import { InstantCell } from '../components/instant-cell.js';
import { ListTable } from '../components/list-table.js';
import list from '../components/list.module.css';
import { Pages } from '../components/pages.js';

const fields = [
  { name: 'route', label: 'Route', placeholder: '/api/v1/collections' },
  {
    name: 'status_class',
    label: 'Status',
    options: [2, 3, 4, 5].map((digit) => ({ value: String(digit), label: `${digit}xx` })),
  },
  { name: 'user_id', label: 'User', placeholder: 'user id' },
  { name: 'from', label: 'From', isTime: true },
  { name: 'to', label: 'Before', isTime: true },
] as const;

/** The log of HTTP requests, newest first. */
export function RequestsScreen() {
  const { status_class, ...filters } = useFilters(fields);
  const query = { ...filters, status_class: status_class === undefined ? undefined : Number(status_class) };
  return (
    <>
      <Title order={1} size="h3">
        Requests
      </Title>
      <FilterForm fields={fields} />
      <Pages
        what="requests"
        queryKey={['requests', query]}
        ask={(cursor, signal) =>
          bodyOf(
            api.GET('/api/v1/integrations/requests', { params: { query: { ...query, cursor } }, signal }),
          )
        }
      >
        {(requests) => <RequestList requests={requests} />}
      </Pages>
    </>
  );
}

function RequestList({ requests }: { requests: readonly Schema<'LoggedRequest'>[] }) {
  return (
    <ListTable
      label="Requests"
      columns={['When', 'Status', 'Request', 'Took', 'User', 'Cause']}
      numeric={['Took']}
    >
      {requests.map((request) => (
        <tr key={request.id} data-testid="request-row">
          <InstantCell instant={request.created_at} />
          <td>
            <span className={list.tag} data-kind={Math.floor(request.status / 100)}>
              {request.status === 0 ? 'no answer' : request.status}
            </span>
          </td>
          <td className={list.break}>
            {request.direction === 'outbound' && `${request.external_system ?? request.host ?? ''} `}
            {request.method} {request.path}
            {request.error_code && <div className={list.aside}>{request.error_code}</div>}
          </td>
          <td data-number>{Math.round(request.duration_ms)} ms</td>
          <td className={list.break}>{request.user_id}</td>
          <td className={list.break}>
            {request.cause_id && (
              <Link href={`/audit?cause_id=${encodeURIComponent(request.cause_id)}`}>
                {request.cause_id.slice(0, 8)}
              </Link>
            )}
          </td>
        </tr>
      ))}
    </ListTable>
  );
}
