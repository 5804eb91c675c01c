import {
  Button,
  Group,
  JsonInput,
  NumberInput,
  Paper,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import type { Deployment, Signature } from '../api/types';
import { EmptyState } from '../layout/page';
import { useMay } from '../session/use-session';
import { texts } from '../texts/en';
import { Answers } from './answers';
import { type Answer, askSlot } from './ask';
import { type FormField, formFields } from './form-fields';
import { Snippets } from './snippet-tabs';

type Values = Readonly<Record<string, string | number | boolean>>;

interface BothAnswers {
  readonly current: Answer | null;
  readonly next: Answer | null;
}

/** The same input to both versions, their answers side by side. */
export default function TryIt({ deployment }: { readonly deployment: Deployment }) {
  const { current, next } = deployment.actual;
  const held = current ?? next;
  if (held === null) return <EmptyState>{texts.deployment.emptyCurrent}</EmptyState>;
  return <TryItForm key={held.digest} deployment={deployment} signature={held.signature} />;
}

interface TryItFormProps {
  readonly deployment: Deployment;
  readonly signature: Signature;
}

function TryItForm({ deployment, signature }: TryItFormProps) {
  const fields = formFields(signature);
  const [mode, setMode] = useState<'form' | 'json'>(fields === null ? 'json' : 'form');
  const [values, setValues] = useState<Values>({});
  const [json, setJson] = useState(() => JSON.stringify(exampleRows(signature), null, 2));
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
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Paper withBorder p="md" component="form" onSubmit={submit}>
          <Group justify="space-between" mb="sm">
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
                  if (value === 'json' && rows !== null) setJson(JSON.stringify(rows, null, 2));
                  setMode(value);
                }}
              />
            )}
          </Group>
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
              autosize
              error={rows === null ? texts.tryIt.badJson : null}
              onChange={setJson}
            />
          )}
          <Button type="submit" mt="md" loading={ask.isPending} disabled={!mayPredict || rows === null}>
            {next === null || current === null ? texts.tryIt.sendOne : texts.tryIt.send}
          </Button>
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

const MOST_EXAMPLE_VALUES = 64;

/** One row of zeros in the shape of the first input, where that is small. */
function exampleRows({ inputs }: Signature): unknown[] {
  const shape = (inputs[0]?.shape ?? []).slice(1).map((size) => Math.max(1, size));
  if (shape.reduce((product, size) => product * size, 1) > MOST_EXAMPLE_VALUES) return [];
  return [zeros(shape)];
}

function zeros([size, ...rest]: readonly number[]): unknown {
  return size === undefined ? 0 : Array.from({ length: size }, () => zeros(rest));
}
