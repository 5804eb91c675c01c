import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type Asked, Board } from './board';
import { LiveStream } from './live-stream';

/** Takes what is written, as slowly as a test wants. */
class FakeResponse extends EventEmitter {
  readonly writableLength = 0;
  taken: string[] = [];
  isFull = false;
  isDestroyed = false;
  readonly socket = null;

  writeHead(): void {
    // the head is seen in the end-to-end tests
  }

  write(bytes: Buffer | string): boolean {
    this.taken.push(String(bytes));
    return !this.isFull;
  }

  end(bytes: string): void {
    this.taken.push(bytes);
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  /** The data of what was told since the last time. */
  news(): string[] {
    return [
      ...this.taken
        .splice(0)
        .join('')
        .matchAll(/^data: (.*)$/gm),
    ].map(([, data]) => data ?? '');
  }
}

const ALL: Asked = { deployments: null, statistics: true };

function open(board: Board, asked: Asked = ALL, from = 0) {
  const response = new FakeResponse();
  const time = { ms: 0 };
  const stream = new LiveStream(response as unknown as ServerResponse, board, asked, from, () => time.ms);
  return { response, stream, time };
}

describe('a live stream', () => {
  it('tells the latest of each thing, in the order in which they changed', () => {
    const board = new Board();
    board.put('deployment', 'a', 'a1');
    board.put('deployment', 'b', 'b1');
    board.put('deployment', 'a', 'a2');
    const { response, stream } = open(board);
    stream.flush();
    expect(response.news()).toEqual(['b1', 'a2']);
    stream.flush();
    expect(response.news()).toEqual([]);
  });

  it('tells what is asked for alone', () => {
    const board = new Board();
    board.put('deployment', 'a', 'a1');
    board.put('statistics', 'a', 'a: 5 requests');
    board.put('deployment', 'b', 'b1');
    const { response, stream } = open(board, { deployments: new Set(['a']), statistics: false });
    stream.flush();
    expect(response.news()).toEqual(['a1']);
  });

  it('queues nothing for a slow reader, and tells it the latest once it reads again', () => {
    const board = new Board();
    const { response, stream } = open(board);
    board.put('deployment', 'a', 'a1');
    response.isFull = true;
    stream.flush();
    expect(response.news()).toEqual(['a1']);
    for (let time = 2; time < 500; time++) {
      board.put('deployment', 'a', `a${time}`);
      board.put('deployment', 'b', `b${time}`);
      stream.flush();
    }
    board.put('removed', 'b', 'no b');
    stream.flush();
    stream.beat(': alive\n\n');
    expect(response.taken).toEqual([]);
    response.isFull = false;
    response.emit('drain');
    expect(response.news()).toEqual(['a499', 'no b']);
  });

  it('cuts a reader who takes nothing for half a minute', () => {
    const board = new Board();
    const { response, stream, time } = open(board);
    board.put('deployment', 'a', 'a1');
    response.isFull = true;
    stream.flush();
    time.ms = 30_000;
    stream.beat(': alive\n\n');
    expect(response.isDestroyed).toBe(false);
    time.ms = 30_001;
    stream.beat(': alive\n\n');
    expect(response.isDestroyed).toBe(true);
  });

  it('ends once, and tells nothing after it', () => {
    const board = new Board();
    const { response, stream } = open(board);
    stream.end({ code: 'draining', detail: 'The server stops' });
    stream.end({ code: 'draining', detail: 'again' });
    board.put('deployment', 'a', 'a1');
    stream.flush();
    expect(response.news()).toEqual(['{"code":"draining","detail":"The server stops"}']);
  });
});

describe('the board', () => {
  it('writes what several readers want alike once', () => {
    const board = new Board();
    board.put('deployment', 'a', 'a1');
    expect(board.since(0, ALL, 'all')).toBe(board.since(0, ALL, 'all'));
    const before = board.since(0, ALL, 'all');
    board.put('deployment', 'a', 'a2');
    expect(board.since(0, ALL, 'all')).not.toBe(before);
  });

  it('knows where to go on by its own ids alone', () => {
    const board = new Board();
    board.put('deployment', 'a', 'a1');
    board.put('deployment', 'b', 'b1');
    const resumed = [`${board.process}.1`, `${board.process}.3`, 'other.1', `${board.process}.x`, '', undefined];
    expect(resumed.map((id) => board.resumeFrom(id))).toEqual([1, 0, 0, 0, 0, 0]);
  });

  it('tells nobody who begins of what was removed before, and keeps no statistics of it', () => {
    const board = new Board();
    board.put('statistics', 'a', '5');
    board.put('removed', 'a', 'gone');
    board.put('statistics', 'b', '6');
    board.put('statistics', 'c', '7');
    board.forgetStatistics(new Set(['c']));
    expect(String(board.since(0, ALL, 'all'))).toBe(`id: ${board.process}.4\nevent: statistics\ndata: 7\n\n`);
  });
});
