import { Badge, Button, Group, Paper, Skeleton, Switch, Table, Text, Title } from '@mantine/core';
import { lazy, type Ref, Suspense, useState } from 'react';
import type { Deployment, RegisteredVersion, Slot } from '../api/types';
import { formatDifference, formatMetric } from '../format';
import { versionName } from '../deployment/version-name';
import { texts } from '../texts/en';
import { byVersion, type ComparedLine, compare } from './compare';
import classes from './comparison.module.css';
import { declaredBySlot, signatureDifferences } from './signature-differences';

/** Charts weigh more than the rest of the page: who compares nothing does not fetch them. */
const MetricCharts = lazy(() => import('./metric-charts'));

interface ComparisonProps {
  readonly ref?: Ref<HTMLDivElement>;
  readonly versions: readonly RegisteredVersion[];
  /** All versions read so far: among them is what current serves, as it was declared. */
  readonly known: readonly RegisteredVersion[];
  readonly deployment: Deployment | undefined;
  readonly mayOperate: boolean;
  readonly onLoad: (uri: string) => void;
  readonly onClear: () => void;
}

/** Metrics, params and signatures of versions side by side, what differs first and marked. */
export function Comparison(props: ComparisonProps) {
  const { ref, versions, known, deployment, mayOperate, onLoad, onClear } = props;
  const [onlyDiffering, setOnlyDiffering] = useState(false);
  const ordered = versions.toSorted(byVersion);
  const metrics = compare(ordered.map((version) => version.metrics));
  const params = compare(ordered.map((version) => version.params));
  const shown = (lines: readonly ComparedLine[]) => lines.filter(({ differs }) => differs || !onlyDiffering);
  const current = deployment?.actual.current ?? null;
  return (
    <Paper ref={ref} withBorder p="md" component="section" aria-label={texts.registry.comparison} tabIndex={-1}>
      <Group justify="space-between" mb="sm">
        <Title order={3} size="h5">
          {texts.registry.compare(versions.length)}
        </Title>
        <Group gap="sm">
          <Switch
            size="xs"
            label={texts.registry.onlyDifferences}
            checked={onlyDiffering}
            onChange={({ currentTarget: { checked } }) => {
              setOnlyDiffering(checked);
            }}
          />
          <Button size="compact-sm" variant="default" onClick={onClear}>
            {texts.registry.clear}
          </Button>
        </Group>
      </Group>
      <Table.ScrollContainer
        minWidth={400}
        type="native"
        tabIndex={0}
        role="group"
        aria-label={texts.registry.comparison}
      >
        <Table verticalSpacing={5} className={classes['table']}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{texts.registry.columns.version}</Table.Th>
              {ordered.map((version) => (
                <Table.Th key={version.uri} ta="right">
                  v{version.version}
                </Table.Th>
              ))}
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Lines title={texts.registry.metrics} lines={shown(metrics)} />
          <Lines title={texts.registry.params} lines={shown(params)} />
          <Table.Tbody>
            {current !== null && <SignatureRow versions={ordered} known={known} current={current} />}
            <Table.Tr>
              <Table.Th scope="row" fw={400}>
                {texts.registry.columns.action}
              </Table.Th>
              {ordered.map(({ uri, version, servable }) => (
                <Table.Td key={uri} ta="right">
                  {servable ? (
                    <Button
                      size="compact-xs"
                      variant="default"
                      disabled={!mayOperate || deployment === undefined}
                      aria-label={`${texts.registry.load} v${version}`}
                      onClick={() => {
                        onLoad(uri);
                      }}
                    >
                      {texts.registry.load}
                    </Button>
                  ) : (
                    <Text size="xs" c="dimmed">
                      {texts.registry.notServable}
                    </Text>
                  )}
                </Table.Td>
              ))}
              <Table.Td />
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Note metrics={metrics} params={params} onlyDiffering={onlyDiffering} />
      {metrics.some(({ differs }) => differs) && (
        <Suspense fallback={<Skeleton h={180} mt="md" role="status" aria-busy aria-label={texts.loading} />}>
          <MetricCharts versions={ordered.map(({ version }) => `v${version}`)} lines={metrics} />
        </Suspense>
      )}
    </Paper>
  );
}

interface NoteProps {
  readonly metrics: readonly ComparedLine[];
  readonly params: readonly ComparedLine[];
  readonly onlyDiffering: boolean;
}

function Note({ metrics, params, onlyDiffering }: NoteProps) {
  const lines = [...metrics, ...params];
  const note =
    lines.length === 0
      ? texts.registry.nothingToCompare
      : onlyDiffering && lines.every(({ differs }) => !differs)
        ? texts.registry.allTheSame
        : null;
  return note === null ? null : (
    <Text size="sm" mt="xs">
      {note}
    </Text>
  );
}

interface SignatureRowProps {
  readonly versions: readonly RegisteredVersion[];
  readonly known: readonly RegisteredVersion[];
  readonly current: Slot;
}

/** Whether clients of current could be answered by each version. */
function SignatureRow({ versions, known, current }: SignatureRowProps) {
  const { signature } = texts.registry;
  const served = known.find(({ uri }) => uri === current.uri)?.signature ?? declaredBySlot(current.signature);
  return (
    <Table.Tr className={classes['signature']}>
      <Table.Th scope="row" fw={400}>
        {signature.title}
        <Text size="xs" c="dimmed">
          {signature.beside(versionName(current))}
        </Text>
      </Table.Th>
      {versions.map((version) => {
        if (version.uri === current.uri) return <Words key={version.uri} words={[signature.isCurrent]} />;
        if (version.signature === null) return <Words key={version.uri} words={[signature.unknown]} />;
        const differences = signatureDifferences(version.signature, served);
        return <Words key={version.uri} words={differences.length === 0 ? [signature.same] : differences} />;
      })}
      <Table.Td />
    </Table.Tr>
  );
}

function Words({ words }: { readonly words: readonly string[] }) {
  return (
    <Table.Td ta="right">
      {words.map((line) => (
        <Text size="xs" key={line}>
          {line}
        </Text>
      ))}
    </Table.Td>
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
        <Table.Tr key={name} data-differs={differs}>
          <Table.Th scope="row" fw={400} className={classes['name']}>
            {name}
          </Table.Th>
          {values.map((value, index) => (
            <Table.Td key={index} ta="right" fw={differs ? 650 : 400} className={classes['name']}>
              {value === null ? '–' : typeof value === 'number' ? formatMetric(value) : value}
            </Table.Td>
          ))}
          <Table.Td w={1}>{differs && <Mark values={values} />}</Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  );
}

/** Of two numbers, by how much; else that they differ. */
function Mark({ values }: { readonly values: ComparedLine['values'] }) {
  const [one, other] = values;
  const isPair = values.length === 2 && typeof one === 'number' && typeof other === 'number';
  return (
    <Badge variant="light" color="orange" autoContrast tt="none" miw="max-content">
      {isPair ? formatDifference(other - one) : texts.registry.differs}
    </Badge>
  );
}
