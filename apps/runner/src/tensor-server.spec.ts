import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrame, FrameSplitter, type ReceivedTensor } from '@understudy/inference';
import type { ModelSession } from './model-session';
import { TensorServer } from './tensor-server';

/** A session that answers when it is told to, and remembers which runs came: each has one element. */
class FakeSession {
  readonly came: number[] = [];
  private readonly open: (() => void)[] = [];

  async run([input]: readonly ReceivedTensor[]): Promise<[]> {
    this.came.push((input!.data as Float32Array)[0]!);
    await new Promise<void>((resolve) => this.open.push(resolve));
    return [];
  }

  answer(): void {
    this.open.shift()!();
  }
}

let folder: string;
let server: TensorServer;
let session: FakeSession;
let sockets: Socket[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'test-tensors-'));
  session = new FakeSession();
  sockets = [];
  server = new TensorServer(session as unknown as ModelSession, 1024);
  await server.listen(join(folder, 'x.sock'));
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

/** A connection that notes what it is sent: `begun 1`, `result 1`. */
async function open(notices: boolean) {
  const socket = connect(join(folder, 'x.sock'));
  sockets.push(socket);
  await once(socket, 'connect');
  const frames: string[] = [];
  const splitter = new FrameSplitter(({ kind, id }) => frames.push(`${kind} ${id}`));
  socket.on('data', (chunk: Buffer) => {
    splitter.push(chunk);
  });
  if (notices) for (const buffer of encodeFrame('notify', 0, [])) socket.write(buffer);
  return {
    frames,
    run: (id: number) => {
      const tensor = { index: 0, datatype: 'FP32' as const, shape: [1], pieces: [new Float32Array([id])] };
      for (const buffer of encodeFrame('run', id, [tensor])) socket.write(buffer);
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

it('lets connections take turns, and keeps the order of each', async () => {
  const greedy = await open(false);
  const modest = await open(false);
  const many = Array.from({ length: 20 }, (_, index) => index + 1);
  for (const id of many) greedy.run(id);
  await until(() => session.came.length === 1);
  modest.run(101);
  for (let answered = 1; answered <= 21; answered++) {
    await until(() => session.came.length === answered);
    session.answer();
  }
  await until(() => modest.frames.length === 1 && greedy.frames.length === 20);
  expect(session.came.filter((id) => id < 100)).toEqual(many);
  // It came after all of the other's, and waited for few of them: as many as ran until it had been read.
  expect(session.came.indexOf(101)).toBeLessThan(15);
});

it('says which run it begins to those who asked, before it begins', async () => {
  const asking = await open(true);
  const other = await open(false);
  asking.run(1);
  await until(() => asking.frames.length === 1);
  expect([asking.frames, session.came]).toEqual([['begun 1'], [1]]);
  asking.run(2);
  other.run(11);
  for (let answered = 1; answered <= 3; answered++) {
    await until(() => session.came.length === answered);
    session.answer();
  }
  await until(() => asking.frames.length === 4 && other.frames.length === 1);
  expect(asking.frames).toEqual(['begun 1', 'result 1', 'begun 2', 'result 2']);
  expect(other.frames).toEqual(['result 11']);
});

it('forgets what a connection asked that has gone', async () => {
  const gone = await open(false);
  const other = await open(false);
  gone.run(1);
  await until(() => session.came.length === 1);
  gone.run(2);
  sockets[0]!.destroy();
  other.run(11);
  session.answer();
  await until(() => session.came.length === 2);
  session.answer();
  await until(() => other.frames.length === 1);
  expect(session.came).toEqual([1, 11]);
});
