import type { Socket } from 'node:net';
import { type ConnectionReader, READ_BYTES, readingInPlace } from '@understudy/sockets';
import { answerHead } from '../answer-head';
import type { AnswerOutlet } from '../answer-outlet';
import { bodyMemory, reuseBodyMemory } from '../body-memory';
import type { ObservedPrediction } from '../../observation/prediction-observer';
import { SLOW_READER_MS } from '../cut-slow-reader';
import type { HttpAnswer } from '../refusal';
import { mayBecomePlain, type PlainHead, readPlainHead } from './plain-head';
import { PlainRequest } from './plain-request';

/** Answers predictions that were read without node:http. */
export interface PlainTaker {
  /** A head has come and its body has not: who looks from now on. Undefined: node:http is to read it, and to refuse it by its head. */
  expect(request: PlainRequest): ObservedPrediction | undefined;
  /** Answers it, or says that it is none that may be taken here. `observed`: whoever has looked since its head came. */
  take(request: PlainRequest, outlet: AnswerOutlet, observed?: ObservedPrediction): boolean;
}

/** Whom a connection belongs to. */
export interface PlainOwner {
  readonly taker: PlainTaker;
  /** Counts up, once in a while. */
  readonly sweep: number;
  /** Gives the connection, and what came on it and was not answered, to node:http. For good. */
  handOver(connection: PlainConnection, bytes: Buffer): void;
  closed(connection: PlainConnection): void;
}

/** All connections read into it: each chunk is dealt with, or copied, before the next is read. */
const BUFFER = Buffer.allocUnsafeSlow(READ_BYTES);

const MOST_HEAD_BYTES = 8 * 1024;
/** A small request that comes in more pieces than this is for node:http to be patient with. */
const MOST_PIECES = 32;

const END_OF_HEAD = '\r\n\r\n';
/** What some clients send after a body, and every server lets pass (RFC 9112, 2.2). */
const LINE_END = Buffer.from('\r\n');
const NOTHING = Buffer.alloc(0);
/** What node:http says where a client ends in the middle of a request. */
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n';

/**
 * A client's connection on which plain predictions are read and answered one after the other, without the objects, streams and timers
 * that node:http makes for each request. Whatever is not just that, goes to node:http with all its bytes: another request, a form of
 * HTTP that could be read in two ways, a very large body, a second request before the answer to the first, a client that takes its time.
 */
export class PlainConnection implements AnswerOutlet, ConnectionReader {
  /** Since which sweep it waits for the client. */
  waitsSince: number;
  /** Whether a request was answered on it. */
  wasUsed = false;
  private moved!: Socket;
  private isAnswering = false;
  /** What has come of a request that is not whole yet; or, while one is answered, after it. */
  private kept = NOTHING;
  private pieces = 0;
  /** The last head, which a client usually sends again. */
  private head: PlainHead | undefined;
  private headBytes = NOTHING;
  /** A large body, which is read to its place, and how much of it is there. */
  private body: Buffer | undefined;
  private bodyBytes = 0;
  private target: Buffer | undefined;
  /** Looks at a request whose head is here and whose body is not. */
  private observed: ObservedPrediction | undefined;

  /** Undefined where the connection cannot be read this way. Whoever looks at `accepted` sees it close when the client is gone. */
  static open(accepted: Socket, owner: PlainOwner): PlainConnection | undefined {
    const connection = new PlainConnection(accepted, owner);
    const socket = readingInPlace(accepted, connection, true);
    if (socket === undefined) return undefined;
    connection.listenTo(socket);
    return connection;
  }

  private constructor(
    readonly accepted: Socket,
    private readonly owner: PlainOwner,
  ) {
    this.waitsSince = owner.sweep;
  }

  private listenTo(socket: Socket): void {
    this.moved = socket;
    socket.on('error', () => socket.destroy());
    socket.on('timeout', () => socket.destroy());
    socket.on('end', () => {
      socket.end(this.waits && !this.isIdle ? BAD_REQUEST : NOTHING);
    });
    socket.on('close', () => {
      if (this.body !== undefined) reuseBodyMemory(this.body);
      this.observed?.gone();
      this.accepted.destroy();
      this.owner.closed(this);
    });
  }

  get socket(): Socket {
    return this.moved;
  }

  get isGone(): boolean {
    return this.socket.destroyed;
  }

  /** Whether the client has to do something next. */
  get waits(): boolean {
    return !this.isAnswering;
  }

  /** Whether it waits for a request of which nothing has come. */
  get isIdle(): boolean {
    return this.waits && this.kept.length === 0 && this.body === undefined;
  }

  /** Gives it to node:http with what has come. */
  handOver(): void {
    const { body } = this;
    if (body === undefined) {
      this.give(this.kept);
      return;
    }
    this.body = undefined;
    this.give(Buffer.concat([this.headBytes, body.subarray(0, this.bodyBytes)]));
    reuseBodyMemory(body);
  }

  nextTarget(): Buffer | undefined {
    const { target } = this;
    this.target = this.body === undefined ? BUFFER : this.body.subarray(this.bodyBytes);
    return this.target === target ? undefined : this.target;
  }

  /** Whether to go on reading. */
  read(bytes: number): boolean {
    if (this.body === undefined) return this.came(BUFFER.subarray(0, bytes));
    this.bodyBytes += bytes;
    if (this.bodyBytes < this.body.length) return true;
    const { head, body } = this;
    this.body = undefined;
    this.take(head as PlainHead, body);
    return true;
  }

  send(status: number, headers: string[], body: HttpAnswer['body'], bytes: number, stays: boolean): void {
    const head = answerHead(status, headers, stays);
    // As node:http does. All our own headers are printable.
    if (head === undefined) throw new TypeError('a header holds what HTTP does not allow');
    const { socket } = this;
    if (!socket.writable) return;
    if (typeof body === 'string') socket.write(head + body, bytes === body.length ? 'latin1' : 'utf8');
    else {
      socket.cork();
      socket.write(head, 'latin1');
      for (const piece of body) socket.write(piece);
      socket.uncork();
    }
    const isOut = socket.writableLength === 0;
    if (!isOut) socket.setTimeout(SLOW_READER_MS);
    if (!stays) socket.destroySoon();
    else if (isOut) this.answered();
    else
      // Once all before it is out.
      socket.write(NOTHING, () => {
        socket.setTimeout(0);
        this.answered();
      });
  }

  private came(chunk: Buffer): boolean {
    if (this.wasUsed && this.kept.length === 0 && chunk.equals(LINE_END)) return true;
    if (this.isAnswering) {
      this.kept = Buffer.concat([this.kept, chunk]);
      // Who goes away is noticed as long as something is read.
      return this.kept.length < READ_BYTES;
    }
    this.look(this.kept.length === 0 ? chunk : Buffer.concat([this.kept, chunk]));
    return true;
  }

  private look(bytes: Buffer): void {
    const head = this.headOf(bytes);
    if (head !== undefined && head !== 'not whole') {
      const from = this.headBytes.length;
      const missing = from + head.bodyBytes - bytes.length;
      if (missing === 0) this.take(head, Buffer.from(bytes.subarray(from)));
      else if (missing < 0 || !this.awaitBody(head, bytes)) this.give(Buffer.from(bytes));
    } else if (head === undefined || !this.keep(bytes)) this.give(Buffer.from(bytes));
  }

  /** Has the rest of a body read, a large one to its place. False where node:http is to do that. */
  private awaitBody(head: PlainHead, bytes: Buffer): boolean {
    this.observed ??= this.owner.taker.expect(new PlainRequest(head, NOTHING, this.socket));
    if (this.observed === undefined) return false;
    this.body = bodyMemory(head.bodyBytes, head.alignedAt);
    if (this.body === undefined) return head.bodyBytes < READ_BYTES && this.keep(bytes);
    this.bodyBytes = bytes.copy(this.body, 0, this.headBytes.length);
    this.kept = NOTHING;
    this.waitsSince = this.owner.sweep;
    return true;
  }

  private take(head: PlainHead, body: Buffer): void {
    const { observed } = this;
    this.observed = undefined;
    this.isAnswering = true;
    this.wasUsed = true;
    this.kept = NOTHING;
    this.pieces = 0;
    if (this.owner.taker.take(new PlainRequest(head, body, this.socket), this, observed)) return;
    this.isAnswering = false;
    this.give(Buffer.concat([this.headBytes, body]));
  }

  /** To node:http, which looks at it from the beginning. */
  private give(bytes: Buffer): void {
    this.observed = undefined;
    this.owner.handOver(this, bytes);
  }

  /** Undefined where it is for node:http to read. */
  private headOf(bytes: Buffer): PlainHead | undefined | 'not whole' {
    const { headBytes } = this;
    const known = headBytes.length;
    if (known > 0 && bytes.length >= known && bytes.compare(headBytes, 0, known, 0, known) === 0) return this.head;
    const end = bytes.indexOf(END_OF_HEAD, 0, 'latin1');
    if (end > MOST_HEAD_BYTES || (end < 0 && bytes.length > MOST_HEAD_BYTES)) return undefined;
    if (end < 0) return mayBecomePlain(bytes.toString('latin1')) ? 'not whole' : undefined;
    this.head = readPlainHead(bytes.toString('latin1', 0, end));
    this.headBytes = Buffer.from(bytes.subarray(0, end + END_OF_HEAD.length));
    return this.head;
  }

  /** Keeps what has come until more does. False where it comes in too many pieces. */
  private keep(bytes: Buffer): boolean {
    if (this.pieces === 0) this.waitsSince = this.owner.sweep;
    if (++this.pieces > MOST_PIECES) return false;
    this.kept = Buffer.from(bytes);
    return true;
  }

  private answered(): void {
    if (this.isGone) return;
    this.isAnswering = false;
    this.waitsSince = this.owner.sweep;
    // A client that does not wait for its answers.
    if (this.kept.length > 0) this.handOver();
  }
}
