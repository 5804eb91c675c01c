/** What a request got: its status and its body, read as JSON where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Sends one JSON body and reads the answer, whatever it is. */
export async function send(
  url: string,
  body: object,
  { method = 'POST', headers = {} }: { method?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  try {
    return { status: answer.status, body: JSON.parse(text) as unknown };
  } catch {
    return { status: answer.status, body: text };
  }
}

/** Changes something on a server that must take it. Throws where it does not. */
export async function change(url: string, path: string, body: object = {}, method = 'POST'): Promise<void> {
  const answer = await send(`${url}${path}`, body, { method });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
}

export const updateNext = async (url: string, modelUri: string): Promise<void> =>
  change(url, '/update-model', { model_uri: modelUri });

export const promote = async (url: string): Promise<void> => change(url, '/accept-next-model');

export const rollBack = async (url: string): Promise<void> => change(url, '/rollback');

/** The `predictions` of an answer of /predict; undefined where it has none. */
export const predictionsOf = (body: unknown): unknown => (body as { predictions?: unknown } | null)?.predictions;
