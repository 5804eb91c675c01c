import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './command.mjs';
import { configurationOf } from './images.mjs';
import { ServiceContainer } from './service-container.mjs';

/** Does what the `docker` commands of the README do, without an engine. */
export class Composition {
  containers = [];

  /** `images` says for each service `{ tag, files }`. */
  constructor(services, images, network) {
    this.services = services;
    this.images = images;
    this.network = network;
    this.volumes = mkdtempSync(join(tmpdir(), 'understudy-volumes-'));
    for (const { name, volumes } of services)
      for (const volume of volumes) this.#makeVolume(volume, images[name].files);
  }

  /** As Docker does: a new volume belongs to whom the folder in the image belongs to. */
  #makeVolume({ name, path }, files) {
    const { uid, gid } = files.find((file) => file.path === path);
    mkdirSync(join(this.volumes, name));
    chownSync(join(this.volumes, name), uid, gid);
  }

  /** Runs one line of a README: a `docker` command by what it means, anything else in a shell. Resolves to what it prints. */
  async command(line) {
    const words = line.split(/\s+/);
    if (words[0] !== 'docker') return (await this.shell(line)).trim();
    if (line.startsWith('docker compose up')) return this.up();
    if (line.startsWith('docker compose down')) return this.down();
    if (line.startsWith('docker compose exec')) return this.container(words[3]).exec(words.slice(4));
    if (line.startsWith('docker exec -it')) return this.container(words[3]).exec(words.slice(4));
    throw new Error(`nobody knows here what this means: ${line}`);
  }

  shell(line) {
    return run(...this.network.inside(['sh', '-ec', line]), { timeoutMs: 120_000 });
  }

  /** By the name of the service or of its container. */
  container(name) {
    return this.containers.find(({ service }) => [service.name, service.containerName].includes(name));
  }

  async up() {
    for (const service of this.services) {
      const { tag } = this.images[service.name];
      const container = await ServiceContainer.create({
        service,
        image: tag,
        configuration: await configurationOf(tag),
        network: this.network,
        hosts: this.services.map(({ name }) => name),
        folderOf: (volume) => join(this.volumes, volume),
      });
      this.containers.push(container);
      if (await container.isHealthy()) throw new Error(`${service.name} is healthy before it was started`);
      container.start();
      await container.becomesHealthy();
    }
  }

  /** Stops what runs, the last first, and removes the containers. Resolves to the exit codes by service. */
  async down() {
    const codes = {};
    for (const container of this.containers.splice(0).reverse()) {
      try {
        codes[container.service.name] = await container.stop();
      } finally {
        await container.remove();
      }
    }
    return codes;
  }

  /** Whatever happened: nothing stays. The network is closed before this. */
  async remove() {
    for (const container of this.containers.splice(0)) await container.remove();
    rmSync(this.volumes, { recursive: true, force: true });
  }
}
