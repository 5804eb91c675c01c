import { type Change, type Slots, slotsOf } from './slots';

export interface Reply {
  /** 0 where the connection ended before the answer. */
  readonly status: number;
  /** The generation that the answer tells; undefined where it tells none. */
  readonly generation: number | undefined;
  /** False for a rollback whose record follows: it is not durable yet. */
  readonly isRecorded: boolean;
  readonly text: string;
}

const PATHS: Readonly<Record<Change['kind'], string>> = {
  'load-next': '/update-model',
  promote: '/accept-next-model',
  'set-split': '/set-canary-probability',
  'roll-back': '/rollback',
};

function bodyOf(change: Change): object {
  if (change.kind === 'load-next') return { model_uri: change.uri };
  return change.kind === 'set-split' ? { probability: change.canaryProbability } : {};
}

/** Asks for a change of the deployment "default". Its reason is what the history finds it by. Never rejects. */
export async function ask(url: string, change: Change, reason: string, ifMatch?: number): Promise<Reply> {
  try {
    const answer = await fetch(`${url}${PATHS[change.kind]}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-Change-Reason': reason,
        ...(ifMatch === undefined ? {} : { 'If-Match': `"g${ifMatch}"` }),
      },
      body: JSON.stringify(bodyOf(change)),
    });
    const [, generation] = /^"g(\d+)"$/.exec(answer.headers.get('ETag') ?? '') ?? [];
    return {
      status: answer.status,
      generation: generation === undefined ? undefined : Number(generation),
      isRecorded: answer.headers.get('X-Change-Recorded') !== 'later',
      text: await answer.text(),
    };
  } catch (error) {
    return { status: 0, generation: undefined, isRecorded: false, text: String(error) };
  }
}

/** Asks for a change that must be made. */
export async function make(url: string, change: Change, reason: string): Promise<Reply> {
  const reply = await ask(url, change, reason);
  if (reply.status !== 200) throw new Error(`${change.kind}: ${reply.status} ${reply.text}`);
  return reply;
}

export interface Shown {
  readonly wanted: Slots;
  /** The generation that this server answers by. */
  readonly actualGeneration: number;
  readonly converged: boolean;
}

export async function show(url: string): Promise<Shown> {
  const shown = (await read(`${url}/deployments/default`)) as {
    generation: number;
    wanted: object;
    actual: { generation: number };
    converged: boolean;
  };
  return {
    wanted: slotsOf(shown.wanted, shown.generation),
    actualGeneration: shown.actual.generation,
    converged: shown.converged,
  };
}

/** An entry of the history. */
export interface Event {
  readonly sequence: number;
  readonly action: string;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly origin: { readonly reason: string | null };
  readonly before: object | null;
  readonly after: object | null;
}

const PAGE = 1000;

/** The history, newest first, at most so many entries. */
export async function events(url: string, most = Infinity): Promise<Event[]> {
  const found: Event[] = [];
  let before: number | null = null;
  do {
    const query = `limit=${Math.min(PAGE, most - found.length)}${before === null ? '' : `&before=${before}`}`;
    const page = (await read(`${url}/deployments/default/events?${query}`)) as {
      events: Event[];
      nextBefore: number | null;
    };
    found.push(...page.events);
    before = page.nextBefore;
  } while (before !== null && found.length < most);
  return found;
}

/** Undefined where the chain of the audit trail is whole, else what is wrong with it. */
export async function brokenChain(url: string): Promise<string | undefined> {
  const verdict = (await read(`${url}/audit/verify`)) as { ok: boolean; problem?: string };
  return verdict.ok ? undefined : `the audit trail does not verify: ${verdict.problem ?? ''}`;
}

async function read(url: string): Promise<unknown> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`GET ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
