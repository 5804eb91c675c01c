import { Badge, Stack, Table, Text } from '@mantine/core';
import type { Deployment } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { versionName } from '../deployment/version-name';
import { texts } from '../texts/en';
import { answerLines } from './answer-lines';
import type { Answer } from './ask';

interface AnswersProps {
  readonly deployment: Deployment;
  readonly current: Answer | null;
  readonly next: Answer | null;
}

const predictionsOf = (answer: Answer | null): readonly unknown[] | null =>
  answer?.ok === true ? answer.predictions : null;

/** What current and next say to the same rows, differences marked in words. */
export function Answers({ deployment, current, next }: AnswersProps) {
  const { actual } = deployment;
  const lines = answerLines(
    predictionsOf(current),
    predictionsOf(next),
    actual.current?.signature === undefined ? null : actual.current.classNames,
  );
  const differing = lines.filter(({ differs }) => differs).length;
  const both = current?.ok === true && next?.ok === true;
  const head = (slot: 'current' | 'next') => {
    const held = actual[slot];
    return `${texts.slots[slot]} · ${held === null ? texts.tryIt.empty : versionName(held)}`;
  };
  return (
    <Stack gap="sm">
      {current?.ok === false && (
        <ProblemNotice title={`${texts.slots.current}: ${texts.tryIt.failed}`} error={current.problem} />
      )}
      {next?.ok === false && (
        <ProblemNotice title={`${texts.slots.next}: ${texts.tryIt.failed}`} error={next.problem} />
      )}
      {both && (
        <Text size="sm">{differing === 0 ? texts.tryIt.same : texts.tryIt.differ(differing, lines.length)}</Text>
      )}
      {lines.length > 0 && (
        <Table.ScrollContainer minWidth={360} type="native" tabIndex={0} role="group" aria-label={texts.tryIt.output}>
          <Table verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{texts.tryIt.row}</Table.Th>
                <Table.Th>{head('current')}</Table.Th>
                <Table.Th>{head('next')}</Table.Th>
                <Table.Td />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {lines.map((line, row) => (
                <Table.Tr key={row}>
                  <Table.Th scope="row" fw={400}>
                    {row + 1}
                  </Table.Th>
                  <Table.Td fw={600}>{line.current ?? '–'}</Table.Td>
                  <Table.Td fw={600}>{line.next ?? '–'}</Table.Td>
                  <Table.Td>
                    {line.differs && (
                      <Badge color="orange" variant="light" autoContrast tt="none">
                        {texts.tryIt.mark}
                      </Badge>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}
