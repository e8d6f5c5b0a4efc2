import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';

export function Loading() {
  return (
    <Stack p="lg" gap="xs" role="status" data-testid="loading">
      <VisuallyHidden>Loading the collections</VisuallyHidden>
      <Skeleton height={36} mb="md" />
      {Array.from({ length: 12 }, (_, row) => (
        <Skeleton key={row} height={40} />
      ))}
    </Stack>
  );
}
