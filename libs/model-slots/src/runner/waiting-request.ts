import type { Tensor } from '@understudy/inference';
import type { InferenceOutcome } from './inference-outcome';
import type { RunObserver } from './run-observer';

/** Who waits for an answer, such as a socket: once it is destroyed, nobody does. A flag to look at costs a request nothing. */
export interface Client {
  readonly destroyed: boolean;
}

/** One request waiting for its turn: its inputs in the signature's order, all with `rows` rows. */
export interface WaitingRequest {
  readonly inputs: readonly Tensor[];
  readonly rows: number;
  /** Elements of all inputs together, and the bytes that they take while they wait. */
  readonly elements: number;
  readonly bytes: number;
  /** On the monotonic clock, in milliseconds. */
  readonly deadlineMs: number;
  readonly client: Client | undefined;
  readonly observer: RunObserver | undefined;
  /** When it came, on the monotonic clock. */
  readonly addedMs: number;
  /** Tells the outcome; only the first call counts. */
  readonly settle: (outcome: InferenceOutcome) => void;
  /** Told its outcome: whatever becomes of it now is for nobody. */
  settled: boolean;
  /** How many times a runner ended while it ran this. */
  crashes: number;
  /** Run without company: its inputs share no rows, or it was in a run that failed and only alone shows whether it was the cause. */
  alone: boolean;
}

/** `rows` undefined says that the inputs share no batch axis. */
export function waitingRequest(
  inputs: readonly Tensor[],
  rows: number | undefined,
  deadlineMs: number,
  client: Client | undefined,
  settle: (outcome: InferenceOutcome) => void,
  observer?: RunObserver,
  addedMs = 0,
): WaitingRequest {
  let elements = 0;
  let bytes = 0;
  for (const { data } of inputs) {
    elements += data.length;
    bytes += 'byteLength' in data ? data.byteLength : bytesOfTexts(data);
  }
  const alone = rows === undefined;
  return {
    inputs,
    rows: rows ?? 1,
    elements,
    bytes,
    deadlineMs,
    client,
    observer,
    addedMs,
    settle,
    settled: false,
    crashes: 0,
    alone,
  };
}

function bytesOfTexts(texts: readonly string[]): number {
  let characters = 0;
  for (const text of texts) characters += text.length;
  return 2 * characters + 16 * texts.length;
}
