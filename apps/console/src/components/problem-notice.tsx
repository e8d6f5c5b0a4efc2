import { Alert, Text } from '@mantine/core';
import type { Problem } from '../api/problem.js';

/** What the server refused and why, announced to screen readers as it appears. */
export function ProblemNotice({ problem }: { problem: Problem }) {
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      title={problem.title}
      data-testid="problem"
      data-code={problem.code}
    >
      <Text size="sm">{problem.detail}</Text>
      <Text size="xs" className="quiet monospace" mt={4}>
        {problem.code}
      </Text>
    </Alert>
  );
}
