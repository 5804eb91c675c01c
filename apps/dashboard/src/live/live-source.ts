/** What the server answered to the wish for a stream. */
export interface OpenedStream {
  readonly status: number;
  /** The stream's text as it comes; nothing where it was refused. */
  readonly pieces: AsyncIterable<string>;
}

/** Opens a stream; throws where nobody answers. Tests put their own in its place. */
export type OpenStream = (query: string, lastEventId: string | null, signal: AbortSignal) => Promise<OpenedStream>;

/** Not EventSource: that says neither why it was refused nor whether it is still alive. */
export const openStream: OpenStream = async (query, lastEventId, signal) => {
  const headers = new Headers({ Accept: 'text/event-stream' });
  if (lastEventId !== null) headers.set('Last-Event-ID', lastEventId);
  const response = await fetch(`/live${query}`, { headers, signal, credentials: 'same-origin', cache: 'no-store' });
  return { status: response.status, pieces: response.ok && response.body !== null ? textOf(response.body) : nothing() };
};

async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read())
      yield decoder.decode(next.value, { stream: true });
  } finally {
    // The connection is not kept for whoever stops reading.
    reader.cancel().catch(() => undefined);
  }
}

async function* nothing(): AsyncGenerator<string> {
  // refused: there is no stream
}
