import type { Deployment } from '../api/types';
import { formatSplit } from '../format';
import { texts } from '../texts/en';
import { versionName } from './version-name';

type Actual = Deployment['actual'];
type Sentence = keyof typeof texts.deployment.lead;

const { lead } = texts.deployment;

/**
 * What serves what and whether there is a way back, for somebody who was just woken. The first frame has the same words from the server
 * (deployment-lead.ts there), so that nothing jumps when the scripts are there: a test holds them together.
 */
export function leadOf(actual: Actual): string {
  const { current, next, previous, canaryProbability } = actual;
  const filledIn: Readonly<Record<string, string>> = {
    current: current === null ? '' : versionName(current),
    next: next === null ? '' : versionName(next),
    previous: previous === null ? '' : versionName(previous),
    currentShare: formatSplit(canaryProbability),
    nextShare: formatSplit(1 - canaryProbability),
  };
  return sentencesOf(actual)
    .map((sentence) => lead[sentence].replace(/\{(\w+)\}/g, (place, key: string) => filledIn[key] ?? place))
    .join(' ');
}

function sentencesOf({ current, next, previous, canaryProbability }: Actual): readonly Sentence[] {
  const isSplit = canaryProbability < 1;
  const sentences: Sentence[] = [];
  if (current !== null && current.runner.state !== 'ready') sentences.push('currentNotReady');
  if (next !== null && next.runner.state !== 'ready') sentences.push('nextNotReady');
  if (current === null) sentences.push('nothing');
  else sentences.push(next !== null && isSplit ? 'split' : 'every');
  if (next === null) sentences.push('nextEmpty');
  else if (!isSplit) sentences.push('nextWaits');
  else if (current === null) sentences.push('nextShare');
  if (current !== null) sentences.push(previous === null ? 'noWayBack' : 'wayBack');
  return sentences;
}
