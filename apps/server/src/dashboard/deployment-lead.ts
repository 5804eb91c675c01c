import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeploymentState, VersionRef } from '@understudy/model-slots';

/** What the build of the dashboard leaves for the lead: its sentences, with places for what they are about. */
const WORDS_FILE = 'deployment-lead.json';

type Sentence =
  | 'currentNotReady'
  | 'nextNotReady'
  | 'nothing'
  | 'every'
  | 'split'
  | 'nextShare'
  | 'nextEmpty'
  | 'nextWaits'
  | 'wayBack'
  | 'noWayBack';

type Words = Readonly<Record<Sentence | 'percent', string>>;

type SlotName = 'current' | 'next' | 'previous';
interface Held {
  readonly runner: { readonly status: { readonly state: string } };
}

/** What a deployment serves in this process. */
export interface Served {
  readonly state: Pick<DeploymentState, SlotName | 'canaryProbability'>;
  readonly held: Readonly<Record<SlotName, Held | null>>;
}

/**
 * The first words on the page of a deployment: what serves what here. They stand in the page that the server sends, because the scripts
 * that ask for them come seconds later on a slow machine. The dashboard goes on with the same ones (lead.ts there).
 */
export class DeploymentLead {
  private readonly words: Words;

  constructor(folder: string) {
    this.words = JSON.parse(readFileSync(join(folder, WORDS_FILE), 'utf8')) as Words;
  }

  /** As HTML: what a registry calls a model is anybody's text. */
  of(served: Served): string {
    const { state } = served;
    const filledIn: Readonly<Record<string, string>> = {
      current: versionName(state.current),
      next: versionName(state.next),
      previous: versionName(state.previous),
      currentShare: this.percent(state.canaryProbability),
      nextShare: this.percent(1 - state.canaryProbability),
    };
    const sentences = sentencesOf(served).map((sentence) =>
      this.words[sentence].replace(/\{(\w+)\}/g, (place, key: string) => filledIn[key] ?? place),
    );
    return escaped(sentences.join(' '));
  }

  /** Exact to a tenth, as the dashboard shows a split. */
  private percent(share: number): string {
    return this.words.percent.replace('{figure}', String(Number((share * 100).toFixed(1))));
  }
}

function sentencesOf({ state, held }: Served): readonly Sentence[] {
  const { current, next, previous } = held;
  const isSplit = state.canaryProbability < 1;
  const sentences: Sentence[] = [];
  if (current !== null && current.runner.status.state !== 'ready') sentences.push('currentNotReady');
  if (next !== null && next.runner.status.state !== 'ready') sentences.push('nextNotReady');
  if (current === null) sentences.push('nothing');
  else sentences.push(next !== null && isSplit ? 'split' : 'every');
  if (next === null) sentences.push('nextEmpty');
  else if (!isSplit) sentences.push('nextWaits');
  else if (current === null) sentences.push('nextShare');
  if (current !== null) sentences.push(previous === null ? 'noWayBack' : 'wayBack');
  return sentences;
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0).toString()};`);

function versionName(ref: VersionRef | null): string {
  if (ref === null) return '';
  return ref.version === null ? ref.uri : `${ref.name} v${ref.version}`;
}
