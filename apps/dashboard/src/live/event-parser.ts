export interface StreamEvent {
  /** Null where the server gave none: such an event is no place to go on from. */
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** Reads an event stream (WHATWG HTML, 9.2.6) as its text comes, in whatever pieces. */
export class EventParser {
  private rest = '';

  /** The events that this piece completes. Blocks without data are none. */
  take(text: string): StreamEvent[] {
    const blocks = (this.rest + text).replaceAll('\r\n', '\n').split('\n\n');
    this.rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => parse(block) ?? []);
  }
}

function parse(block: string): StreamEvent | null {
  let id: string | null = null;
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') id = value;
    else if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
  }
  return data.length === 0 ? null : { id, event, data: data.join('\n') };
}
