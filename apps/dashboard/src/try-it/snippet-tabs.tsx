import { Code, CopyButton, Button, Group, Paper, SegmentedControl, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sessionQuery } from '../api/queries';
import { isEverybody } from '../session/use-session';
import { texts } from '../texts/en';
import { snippet, SNIPPET_LANGUAGES, type SnippetLanguage } from './snippets';

interface SnippetsProps {
  readonly deployment: string;
  readonly rows: readonly unknown[];
}

/** The same request for a terminal or a program. */
export function Snippets({ deployment, rows }: SnippetsProps) {
  const [language, setLanguage] = useState<SnippetLanguage>('curl');
  const { data: session } = useQuery(sessionQuery);
  const code = snippet(language, {
    origin: window.location.origin,
    path: `/deployments/${encodeURIComponent(deployment)}/predict`,
    body: { data: rows },
    needsToken: session == null || !isEverybody(session),
  });
  return (
    <Paper withBorder p="md" component="section" aria-label={texts.tryIt.asCode}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          {texts.tryIt.asCode}
        </Title>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            aria-label={texts.tryIt.asCode}
            data={[...SNIPPET_LANGUAGES]}
            value={language}
            onChange={(value) => {
              setLanguage(value);
            }}
          />
          <CopyButton value={code}>
            {({ copied, copy }) => (
              <Button size="xs" variant="default" onClick={copy}>
                {copied ? texts.copied : texts.copy}
              </Button>
            )}
          </CopyButton>
        </Group>
      </Group>
      <Code block tabIndex={0} role="group" aria-label={`${texts.tryIt.asCode}: ${language}`}>
        {code}
      </Code>
    </Paper>
  );
}
