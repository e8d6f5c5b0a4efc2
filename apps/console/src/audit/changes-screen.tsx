import { Title } from '@mantine/core';
import { api, bodyOf } from '../api/client.js';
import { FilterForm, useFilters } from '../components/filter-form.js';
import { Pages } from '../components/pages.js';
import { ChangeList } from './change-list.js';

const fields = [
  { name: 'entity_type', label: 'Entity type', placeholder: 'projects' },
  { name: 'entity_id', label: 'Entity id', placeholder: 'needs a type' },
  { name: 'changed_by', label: 'Changed by', placeholder: 'user id' },
  { name: 'cause_id', label: 'Cause', placeholder: 'cause id' },
  { name: 'from', label: 'From', isTime: true },
  { name: 'to', label: 'Before', isTime: true },
] as const;

/** The audit trail: changes of relational rows, newest first. */
export function ChangesScreen() {
  const filters = useFilters(fields);
  return (
    <>
      <Title order={1} size="h3">
        Audit trail
      </Title>
      <FilterForm fields={fields} />
      <Pages
        what="changes"
        queryKey={['changes', filters]}
        ask={(cursor, signal) =>
          bodyOf(api.GET('/api/v1/audit/changes', { params: { query: { ...filters, cursor } }, signal }))
        }
      >
        {(changes) => <ChangeList changes={changes} />}
      </Pages>
    </>
  );
}
