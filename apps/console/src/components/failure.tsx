import { Button, Container, Title } from '@mantine/core';
import { toProblem } from '../api/problem.js';
import { ProblemNotice } from './problem-notice.js';

/** Nothing could be loaded at all. */
export function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <Container size="xs" py="xl" data-testid="failure">
      <Title order={1} size="h3" mb="md">
        The collections could not be loaded
      </Title>
      <ProblemNotice problem={toProblem(error)} />
      <Button mt="md" variant="default" onClick={onRetry}>
        Try again
      </Button>
    </Container>
  );
}
