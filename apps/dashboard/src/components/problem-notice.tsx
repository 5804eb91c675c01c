import { Alert, Button, Group, Text } from '@mantine/core';
import { LockIcon, TriangleAlertIcon } from 'lucide-react';
import { ApiProblem } from '../api/problem';
import { texts } from '../texts/en';

interface ProblemNoticeProps {
  readonly title: string;
  readonly error: Error;
  readonly onRetry?: () => void;
}

/** What went wrong in the server's own sentence, and what can be done. */
export function ProblemNotice({ title, error, onRetry }: ProblemNoticeProps) {
  const forbidden = error instanceof ApiProblem && error.forbids;
  const outdated = error instanceof ApiProblem && error.isOutdated;
  return (
    <Alert
      role="alert"
      color={forbidden ? 'gray' : 'red'}
      title={outdated ? texts.outdated.title : title}
      icon={forbidden ? <LockIcon aria-hidden /> : <TriangleAlertIcon aria-hidden />}
    >
      <Text size="sm">{outdated ? texts.outdated.help : error.message}</Text>
      {onRetry !== undefined && !forbidden && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={onRetry}>
            {texts.retry}
          </Button>
        </Group>
      )}
    </Alert>
  );
}
