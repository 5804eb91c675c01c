import { addAbortSignal, Readable } from 'node:stream';
import { errorWire } from './mlflow-wire';

const MAX_CHARACTERS = 10_000;

export interface ErrorAnswer {
  /** MLflow's own code, such as RESOURCE_DOES_NOT_EXIST; empty where the answer was not its JSON. */
  readonly errorCode: string;
  readonly message: string;
}

/** What the body of an error says. It may also be HTML or plain text (unknown routes, host checks, basic authentication). */
export async function readErrorAnswer(body: unknown, signal: AbortSignal): Promise<ErrorAnswer> {
  const text = typeof body === 'string' ? body : body instanceof Readable ? await beginningOf(body, signal) : '';
  try {
    const parsed = errorWire.safeParse(JSON.parse(text));
    if (parsed.success)
      return { errorCode: parsed.data.error_code, message: (parsed.data.message ?? '').slice(0, 500) };
  } catch {
    // not JSON: told by its first words below
  }
  return { errorCode: '', message: /^\s*</.test(text) ? '' : text.trim().slice(0, 200) };
}

/** The status is what matters: a body that does not come is not waited for beyond the signal. */
async function beginningOf(body: Readable, signal: AbortSignal): Promise<string> {
  let text = '';
  try {
    for await (const chunk of addAbortSignal(signal, body)) {
      text += String(chunk);
      if (text.length > MAX_CHARACTERS) break;
    }
  } catch {
    // the beginning is enough
  }
  return text;
}
