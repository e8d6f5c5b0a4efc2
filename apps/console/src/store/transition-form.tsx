import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, bodyOf } from '../api/client.js';
import { toProblem } from '../api/problem.js';
import { ProblemNotice } from '../components/notices.js';
import { formatState } from '../format.js';
import type { CollectionState } from './state-badge.js';

/** Lets an operator move a collection to its next state, with a reason for the history. */
export function TransitionForm({
  name,
  nextStates,
}: {
  name: string;
  nextStates: readonly CollectionState[];
}) {
  const [chosen, setChosen] = useState<string>();
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: { to: CollectionState; reason: string }) =>
      bodyOf(api.POST('/api/v1/collections/{name}/transitions', { params: { path: { name } }, body })),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['collection', name] }),
        client.invalidateQueries({ queryKey: ['overview'] }),
      ]),
  });
  const to = nextStates.find((state) => state === chosen) ?? nextStates[0];
  if (to === undefined) return null;
  return (
    <form
      data-testid="transition-form"
      onSubmit={(event) => {
        event.preventDefault();
        mutate({ to, reason: reason.trim() });
      }}
    >
      <Stack gap="sm">
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <NativeSelect
            label="New state"
            size="sm"
            data-testid="transition-to"
            value={to}
            onChange={(event) => setChosen(event.currentTarget.value)}
            data={nextStates.map((state) => ({ value: state, label: formatState(state) }))}
          />
          <TextInput
            label="Reason"
            placeholder="Kept in the state history"
            size="sm"
            required
            data-testid="transition-reason"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </Group>
        {error && <ProblemNotice problem={toProblem(error)} />}
        <Button
          type="submit"
          size="sm"
          color={to === 'deleted' ? 'red' : undefined}
          loading={isPending}
          data-testid="transition-submit"
          style={{ alignSelf: 'flex-start' }}
        >
          {to === 'deleted' ? 'Delete for good' : 'Change state'}
        </Button>
      </Stack>
    </form>
  );
}
