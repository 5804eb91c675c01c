import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { temporaryFolder } from '../../../../test/support/temporary-folder';
import { WorkerProcess } from './worker-process';

/** A worker that says when it has started and when it has got a connection. It reads none of them. */
const KEEPER = `
  const kept = [];
  process.on('message', (message, socket) => {
    kept.push(socket);
    process.send({});
  });
  process.send({});
`;

const folder = temporaryFolder('worker');
const server = createServer({ pauseOnConnect: true });

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterAll(() => {
  server.close();
  folder.remove();
});

describe('a worker process that ends', () => {
  it('[case 79] before anybody noticed: what it is given then is given back, or closed', async () => {
    const { worker, heard } = await startedWorker();
    const earlier = await connected();
    const last = openClient();
    let seemedAlive = false;
    server.once('connection', (accepted: Socket) => {
      seemedAlive = worker.takesConnections;
      worker.give(accepted);
      worker.give(earlier.accepted);
    });
    // It connects now. Of that, and of the worker's end, this process hears in one turn of its event loop.
    process.nextTick(() => {
      killUnnoticed(worker);
    });
    await once(heard, 'exit');
    expect(seemedAlive).toBe(true);
    // Node had taken the last one out of its socket to send it, and the earlier one waited behind it.
    const back = worker.takeBack();
    expect(back.map(({ remotePort }) => remotePort)).toEqual([earlier.client.localPort]);
    await receivedBy(last);
    earlier.accepted.end('still here');
    expect(await receivedBy(earlier.client)).toBe('still here');
  });

  it('[case 79] takes those with it that it had got', async () => {
    const { worker, heard } = await startedWorker();
    const clients: Socket[] = [];
    for (let given = 1; given <= 2; given++) {
      const { client, accepted } = await connected();
      clients.push(client);
      worker.give(accepted);
      await once(heard, 'message');
    }
    worker.kill();
    await once(heard, 'exit');
    expect(worker.takeBack()).toEqual([]);
    await Promise.all(clients.map(receivedBy));
  });
});

async function startedWorker(): Promise<{ readonly worker: WorkerProcess; readonly heard: EventEmitter }> {
  const path = join(folder.path, 'keeper.cjs');
  writeFileSync(path, KEEPER);
  const heard = new EventEmitter();
  const worker = new WorkerProcess(
    1,
    { path, controlSocket: '' },
    { onMessage: () => heard.emit('message'), onExit: () => heard.emit('exit') },
  );
  await once(heard, 'message');
  worker.isReady = true;
  return { worker, heard };
}

function openClient(): Socket {
  return connect((server.address() as AddressInfo).port, '127.0.0.1');
}

/** A client's connection, and the same one as a server has it. */
async function connected(): Promise<{ readonly client: Socket; readonly accepted: Socket }> {
  const client = openClient();
  const [accepted] = (await once(server, 'connection')) as [Socket];
  return { client, accepted };
}

/** All that a client is sent until its connection ends; undefined where it breaks. */
async function receivedBy(client: Socket): Promise<string | undefined> {
  return text(client).catch(() => undefined);
}

/** This process does nothing, and so hears of nothing, for longer than it takes a process to end. */
function killUnnoticed(worker: WorkerProcess): void {
  worker.kill();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
}
