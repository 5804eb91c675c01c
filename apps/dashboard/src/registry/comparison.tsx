import { Button, Group, Paper, Table, Text, Title } from '@mantine/core';
import type { RegisteredVersion } from '../api/types';
import { formatMetric } from '../format';
import { texts } from '../texts/en';
import { byVersion, type ComparedLine, compare } from './compare';

interface ComparisonProps {
  readonly versions: readonly RegisteredVersion[];
  readonly onClear: () => void;
}

/** Metrics and params of versions side by side, what differs first. */
export function Comparison({ versions, onClear }: ComparisonProps) {
  const ordered = versions.toSorted(byVersion);
  const metrics = compare(ordered.map((version) => version.metrics));
  const params = compare(ordered.map((version) => version.params));
  return (
    <Paper withBorder p="md" component="section" aria-label={texts.registry.comparison}>
      <Group justify="space-between" mb="sm">
        <Title order={3} size="h5">
          {texts.registry.compare(versions.length)}
        </Title>
        <Button size="compact-sm" variant="default" onClick={onClear}>
          {texts.registry.clear}
        </Button>
      </Group>
      {metrics.length + params.length === 0 ? (
        <Text size="sm">{texts.registry.nothingToCompare}</Text>
      ) : (
        <Table.ScrollContainer
          minWidth={400}
          type="native"
          tabIndex={0}
          role="group"
          aria-label={texts.registry.comparison}
        >
          <Table verticalSpacing={5}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{texts.registry.columns.version}</Table.Th>
                {ordered.map(({ uri, version }) => (
                  <Table.Th key={uri} ta="right">
                    v{version}
                  </Table.Th>
                ))}
                <Table.Td />
              </Table.Tr>
            </Table.Thead>
            <Lines title={texts.registry.metrics} lines={metrics} />
            <Lines title={texts.registry.params} lines={params} />
          </Table>
        </Table.ScrollContainer>
      )}
    </Paper>
  );
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly ComparedLine[] }) {
  if (lines.length === 0) return null;
  return (
    <Table.Tbody>
      <Table.Tr>
        <Table.Th scope="rowgroup" colSpan={(lines[0]?.values.length ?? 0) + 2} c="dimmed" fw={600}>
          {title}
        </Table.Th>
      </Table.Tr>
      {lines.map(({ name, values, differs }) => (
        <Table.Tr key={name}>
          <Table.Th scope="row" fw={400}>
            {name}
          </Table.Th>
          {values.map((value, index) => (
            <Table.Td key={index} ta="right" fw={differs ? 650 : 400}>
              {value === null ? '–' : typeof value === 'number' ? formatMetric(value) : value}
            </Table.Td>
          ))}
          <Table.Td c="dimmed" fz="xs">
            {differs ? texts.registry.differs : ''}
          </Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  );
}
