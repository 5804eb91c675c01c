import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, tryRun } from './command.mjs';
import { filesOfContainer, ISOLATION } from './images.mjs';
import { descendantsOf } from './processes.mjs';

const HEALTHY_WITHIN_MS = 90_000;
const STOPS_WITHIN_MS = 30_000;
/** The program that buildah puts between itself and what runs in the container. */
const STARTER = 'buildah-chroot-exec';

/** One service of compose.yaml as a container: image and environment as they are written there. */
export class ServiceContainer {
  log = '';

  /** `hosts` are names for this machine; `folderOf` gives the folder that stands for a volume. */
  static async create({ service, image, configuration, network, hosts, folderOf }) {
    const names = hosts.flatMap((host) => ['--add-host', `${host}:127.0.0.1`]);
    const id = (await run('buildah', ['from', '--pull-never', ...names, image])).trim();
    return new ServiceContainer(id, service, configuration, network, folderOf);
  }

  constructor(id, service, configuration, network, folderOf) {
    this.id = id;
    this.service = service;
    this.configuration = configuration;
    this.network = network;
    this.options = [
      ...Object.entries(service.environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      // Not --volume: buildah forgets those beside a --mount.
      ...service.volumes.flatMap(({ name, path }) => [
        '--mount',
        `type=bind,rw,source=${folderOf(name)},destination=${path}`,
      ]),
      ...service.tmpfs.flatMap((path) => ['--mount', `type=tmpfs,destination=${path}`]),
    ];
  }

  #inside(command) {
    return this.network.inside(['buildah', 'run', ...ISOLATION, ...this.options, this.id, '--', ...command]);
  }

  start() {
    this.startedMs = Date.now();
    const [program, args] = this.#inside(this.configuration.Cmd);
    this.child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (chunk) => (this.log += chunk));
  }

  /** What a command in the container prints. */
  exec(command) {
    return run(...this.#inside(command), { timeoutMs: 180_000 });
  }

  /** Whether the image's own health check says that it is well. */
  async isHealthy() {
    const [how, ...command] = this.configuration.Healthcheck.Test;
    if (how !== 'CMD') throw new Error(`the health check goes through a shell: ${how}`);
    return (await tryRun(...this.#inside(command))).code === 0;
  }

  async becomesHealthy() {
    const deadlineMs = Date.now() + HEALTHY_WITHIN_MS;
    while (!(await this.isHealthy())) {
      if (this.child.exitCode !== null || Date.now() > deadlineMs)
        throw new Error(`${this.service.name} is not healthy\n${this.log.slice(-4000)}`);
      await sleep(250);
    }
  }

  /** Sends the image's stop signal to the process that is number 1 in Docker; resolves to its exit code. */
  async stop() {
    const below = descendantsOf(this.child.pid);
    const starter = below.find(({ command }) => command[0] === STARTER);
    const first = below.find(({ parent }) => parent === starter?.pid);
    if (first === undefined) throw new Error(`${this.service.name} does not run\n${this.log.slice(-4000)}`);
    const exit = once(this.child, 'exit');
    process.kill(first.pid, this.configuration.StopSignal);
    const late = sleep(STOPS_WITHIN_MS, ['still runs'], { ref: false });
    const [code] = await Promise.race([exit, late]);
    return code;
  }

  /** The files that were written outside volumes and memory, which could not be on a read-only file system. */
  async writtenFiles() {
    const files = await filesOfContainer(this.id);
    return files.filter(({ file, changedMs }) => file && changedMs > this.startedMs).map(({ path }) => path);
  }

  remove() {
    return run('buildah', ['rm', this.id]);
  }
}
