import { EventParser } from './event-parser';

const STREAM =
  'retry: 1000\n\nid: p.1\nevent: deployment\ndata: {"name":"a"}\n\n: a comment\n\nevent: ready\ndata: {}\n\n';
const EVENTS = [
  { id: 'p.1', event: 'deployment', data: '{"name":"a"}' },
  { id: null, event: 'ready', data: '{}' },
];

describe('EventParser', () => {
  it.each([1, 2, 7, STREAM.length])('reads events that come in pieces of %d characters', (size) => {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < STREAM.length; at += size) events.push(...parser.take(STREAM.slice(at, at + size)));
    expect(events).toEqual(EVENTS);
  });

  it('keeps what is not whole yet', () => {
    const parser = new EventParser();
    expect(parser.take('event: ready\ndata: {}\n')).toEqual([]);
    expect(parser.take('\n')).toEqual([{ id: null, event: 'ready', data: '{}' }]);
  });

  it('joins several lines of data, whatever their line ends', () => {
    expect(new EventParser().take('data: 1\r\ndata: 2\r\n\r\n')).toEqual([
      { id: null, event: 'message', data: '1\n2' },
    ]);
  });
});
