import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** The services of compose.yaml in the order in which they can start: what a service depends on comes before it. */
export function composeServices(root) {
  const { services } = parse(readFileSync(join(root, 'compose.yaml'), 'utf8'), { merge: true });
  const ordered = [];
  const add = (name) => {
    if (ordered.some((service) => service.name === name)) return;
    const service = services[name];
    for (const dependency of Object.keys(service.depends_on ?? {})) add(dependency);
    ordered.push(toService(name, service, root));
  };
  for (const name of Object.keys(services)) add(name);
  return ordered;
}

function toService(name, service, root) {
  return {
    name,
    containerName: service.container_name,
    image: service.image,
    context: join(root, service.build.context),
    dockerfile: join(root, service.build.context, service.build.dockerfile),
    environment: service.environment,
    ports: service.ports,
    tmpfs: service.tmpfs,
    volumes: service.volumes.map((volume) => {
      const [volumeName, path] = volume.split(':');
      return { name: volumeName, path };
    }),
    hardening: {
      read_only: service.read_only,
      cap_drop: service.cap_drop,
      security_opt: service.security_opt,
    },
  };
}

/** The public images that a Dockerfile starts from, the last one first: that is what the image is built on. */
export function baseImages(dockerfile) {
  const named = [...readFileSync(dockerfile, 'utf8').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  return [...new Set(named.reverse())];
}
