import { Button, Stack, Text } from '@mantine/core';

export function NothingFound({ filter, onClear }: { filter: string; onClear: () => void }) {
  return (
    <Stack align="center" py={64} gap="sm" role="status" data-testid="nothing-found">
      <Text className="quiet">
        {filter ? `No collection’s name contains “${filter}”.` : 'This store has no collections.'}
      </Text>
      {filter && (
        <Button variant="default" size="xs" onClick={onClear}>
          Show all
        </Button>
      )}
    </Stack>
  );
}
