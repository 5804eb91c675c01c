import {
  Button,
  Group,
  JsonInput,
  NumberInput,
  Paper,
  Skeleton,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import type { Deployment, Signature } from '../api/types';
import { versionName } from '../deployment/version-name';
import { formatCount } from '../format';
import { EmptyState } from '../layout/page';
import { useMay } from '../session/use-session';
import { texts } from '../texts/en';
import { Answers } from './answers';
import { type Answer, askSlot } from './ask';
import { exampleQuery } from './example-query';
import { rowFromSignature, type Value, valuesOf } from './first-rows';
import { type FormField, formFields } from './form-fields';
import { Snippets } from './snippet-tabs';

type Values = Readonly<Record<string, Value>>;

interface BothAnswers {
  readonly current: Answer | null;
  readonly next: Answer | null;
}

/** The same input to both versions, their answers side by side. */
export default function TryIt({ deployment }: { readonly deployment: Deployment }) {
  const { current, next } = deployment.actual;
  const held = current ?? next;
  if (held === null) return <EmptyState>{texts.deployment.emptyCurrent}</EmptyState>;
  return <WithExample key={held.digest} deployment={deployment} slot={current === null ? 'next' : 'current'} />;
}

interface WithExampleProps {
  readonly deployment: Deployment;
  readonly slot: 'current' | 'next';
}

/** Begins with the model's own example; with a row made from the signature where it has none, or it cannot be had. */
function WithExample({ deployment, slot }: WithExampleProps) {
  const held = deployment.actual[slot];
  const { data, error } = useQuery(exampleQuery(deployment.name, slot, held?.digest ?? ''));
  if (held === null) return null;
  if (data === undefined && error === null) {
    return <Skeleton h={320} role="status" aria-busy aria-label={texts.loading} />;
  }
  const rows = data?.rows ?? null;
  const { tryIt } = texts;
  return (
    <TryItForm
      deployment={deployment}
      signature={held.signature}
      example={rows ?? rowFromSignature(held.signature)}
      whence={
        rows === null
          ? tryIt.noExample(data?.noneBecause ?? error?.message ?? texts.unknown)
          : `${tryIt.ownExample(versionName(held))}${rows.length > 1 ? ` ${tryIt.firstRow(formatCount(rows.length))}` : ''}`
      }
    />
  );
}

interface TryItFormProps {
  readonly deployment: Deployment;
  readonly signature: Signature;
  /** The rows to begin with. */
  readonly example: readonly unknown[];
  /** Where they are from, a sentence. */
  readonly whence: string;
}

const pretty = (rows: readonly unknown[]): string =>
  `[${rows.map((row) => `\n  ${JSON.stringify(row)}`).join(',')}${rows.length === 0 ? '' : '\n'}]`;

function TryItForm({ deployment, signature, example, whence }: TryItFormProps) {
  const fields = formFields(signature);
  const initial = fields === null ? null : valuesOf(fields, example[0]);
  const [mode, setMode] = useState<'form' | 'json'>(fields === null ? 'json' : 'form');
  const [values, setValues] = useState<Values>(initial ?? {});
  const [json, setJson] = useState(() => pretty(example));
  const mayPredict = useMay('predict');
  const { current, next } = deployment.actual;
  const rows = mode === 'form' && fields !== null ? [rowOf(fields, values)] : parseRows(json);
  const ask = useMutation({
    mutationFn: async (data: readonly unknown[]): Promise<BothAnswers> => {
      const asked = (slot: 'current' | 'next') =>
        deployment.actual[slot] === null ? null : askSlot(deployment.name, slot, data);
      const [one, other] = await Promise.all([asked('current'), asked('next')]);
      return { current: one, next: other };
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (rows !== null) ask.mutate(rows);
  };
  const isOlder = ask.data !== undefined && JSON.stringify(ask.variables) !== JSON.stringify(rows);
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Paper withBorder p="md" component="form" onSubmit={submit}>
          <Group justify="space-between" mb="xs">
            <Title order={2} size="h5">
              {texts.tryIt.input}
            </Title>
            {fields !== null && (
              <SegmentedControl
                size="xs"
                aria-label={texts.tryIt.input}
                data={[
                  { value: 'form', label: texts.tryIt.form },
                  { value: 'json', label: texts.tryIt.json },
                ]}
                value={mode}
                onChange={(value) => {
                  setMode(value);
                }}
              />
            )}
          </Group>
          <Text size="sm" c="dimmed" mb="sm" style={{ overflowWrap: 'anywhere' }}>
            {whence}
          </Text>
          {mode === 'form' && fields !== null ? (
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              {fields.map((field) => (
                <Field
                  key={field.label}
                  field={field}
                  value={values[field.label] ?? field.initial}
                  onChange={(value) => {
                    setValues((before) => ({ ...before, [field.label]: value }));
                  }}
                />
              ))}
            </SimpleGrid>
          ) : (
            <JsonInput
              label={texts.tryIt.jsonLabel}
              description={texts.tryIt.jsonHelp}
              value={json}
              minRows={8}
              maxRows={24}
              autosize
              error={rows === null ? texts.tryIt.badJson : null}
              onChange={setJson}
            />
          )}
          <Group mt="md" gap="sm">
            <Button type="submit" loading={ask.isPending} disabled={!mayPredict || rows === null}>
              {next === null ? texts.tryIt.sendOne : current === null ? texts.tryIt.sendNext : texts.tryIt.send}
            </Button>
            <Button
              variant="default"
              onClick={() => {
                setValues(initial ?? {});
                setJson(pretty(example));
              }}
            >
              {texts.tryIt.useExample}
            </Button>
          </Group>
          {!mayPredict && (
            <Text size="xs" c="dimmed" mt={4}>
              {texts.tryIt.mayNot}
            </Text>
          )}
        </Paper>
        <Paper withBorder p="md" component="section" aria-label={texts.tryIt.output} aria-live="polite">
          <Title order={2} size="h5" mb="sm">
            {texts.tryIt.output}
          </Title>
          {isOlder && (
            <Text size="sm" c="dimmed" mb="xs">
              {texts.tryIt.olderInput}
            </Text>
          )}
          {ask.data === undefined ? (
            <Text size="sm" c="dimmed">
              {texts.tryIt.none}
            </Text>
          ) : (
            <Answers deployment={deployment} current={ask.data.current} next={ask.data.next} />
          )}
        </Paper>
      </SimpleGrid>
      <Snippets deployment={deployment.name} rows={rows ?? []} />
    </Stack>
  );
}

interface FieldProps {
  readonly field: FormField;
  readonly value: string | number | boolean;
  readonly onChange: (value: string | number | boolean) => void;
}

function Field({ field: { kind, label }, value, onChange }: FieldProps) {
  if (kind === 'switch') {
    return (
      <Switch
        label={label}
        checked={value === true}
        onChange={(event) => {
          onChange(event.currentTarget.checked);
        }}
      />
    );
  }
  if (kind === 'text') {
    return (
      <TextInput
        label={label}
        value={String(value)}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      />
    );
  }
  return (
    <NumberInput
      label={label}
      value={Number(value)}
      allowDecimal={kind === 'number'}
      onChange={(next) => {
        onChange(Number(next));
      }}
    />
  );
}

const rowOf = (fields: readonly FormField[], values: Values): unknown[] =>
  fields.map(({ label, initial }) => values[label] ?? initial);

function parseRows(json: string): readonly unknown[] | null {
  try {
    const rows: unknown = JSON.parse(json);
    return Array.isArray(rows) ? rows : null;
  } catch {
    return null;
  }
}
