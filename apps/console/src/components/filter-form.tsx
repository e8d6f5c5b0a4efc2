import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { toLocalInput } from '../format.js';
import styles from './filter-form.module.css';

/** One field of a filter; its name is that of the address's parameter. */
export interface FilterField {
  readonly name: string;
  readonly label: string;
  readonly placeholder?: string;
  /** A point in time: local to the reader in the form, ISO 8601 in the address. */
  readonly isTime?: boolean;
  /** Name of the empty choice among the options; `Any` by default. */
  readonly emptyLabel?: string;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

/** Reads filters from the address; what is empty is absent. */
export function useFilters<Name extends string>(
  fields: readonly (FilterField & { readonly name: Name })[],
): Partial<Record<Name, string>> {
  const [parameters] = useSearchParams();
  const given = fields.map(({ name }) => [name, parameters.get(name)] as const);
  return Object.fromEntries(given.filter(([, value]) => value)) as Partial<Record<Name, string>>;
}

/** Writes filters into the address, so that a filtered list can be shared. */
export function FilterForm({
  fields,
  submit = 'Filter',
}: {
  fields: readonly FilterField[];
  submit?: string;
}) {
  const [parameters, setParameters] = useSearchParams();
  const address = parameters.toString();
  const read = () =>
    Object.fromEntries(
      fields.map(({ name, isTime }) => {
        const value = parameters.get(name) ?? '';
        return [name, isTime ? toLocalInput(value) : value];
      }),
    );
  const [values, setValues] = useState(read);
  const [shown, setShown] = useState(address);
  if (shown !== address) {
    setShown(address);
    setValues(read());
  }
  const apply = () => {
    const given = fields.map(({ name, isTime }) => {
      const value = values[name]?.trim() ?? '';
      return [name, isTime && value !== '' ? new Date(value).toISOString() : value];
    });
    setParameters(given.filter(([, value]) => value !== '') as [string, string][]);
  };
  return (
    <form
      className={styles.form}
      role="search"
      data-testid="filters"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      {fields.map(({ name, label, placeholder, isTime, options, emptyLabel = 'Any' }) => {
        const shared = {
          label,
          size: 'sm',
          'data-testid': `filter-${name}`,
          value: values[name] ?? '',
          onChange: ({ currentTarget }: { currentTarget: { value: string } }) =>
            setValues({ ...values, [name]: currentTarget.value }),
        };
        return options ? (
          <NativeSelect key={name} {...shared} data={[{ value: '', label: emptyLabel }, ...options]} />
        ) : (
          <TextInput
            key={name}
            {...shared}
            placeholder={placeholder}
            {...(isTime && { type: 'datetime-local', step: 1 })}
          />
        );
      })}
      <Button type="submit" size="sm" variant="default" data-testid="apply">
        {submit}
      </Button>
      {address !== '' && (
        <Button size="sm" variant="subtle" onClick={() => setParameters({})}>
          Clear
        </Button>
      )}
    </form>
  );
}
