import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { Express } from 'express';
import { ACCESS } from './access.decorator';

/** What Express itself serves, behind {@link Admission.require}: Swagger UI and its documents. */
export const DOCS_PATHS = ['/docs', '/docs-json', '/docs-yaml'];

/** Sees that every route says what it asks of its caller: one that was forgotten would be open, and nobody would notice. */
@Injectable()
export class DeclaredAccess {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** Throws where a controller has a route without {@link Access}, or where Express has a route that no guard is in front of. */
  check(express: Express): void {
    const undeclared = [...this.routesWithoutAccess(), ...routesOfExpress(express)];
    if (undeclared.length === 0) return;
    throw new Error(
      `no scope is declared for ${undeclared.join(', ')}. Put @Access('predict' | 'view' | 'operate' | 'administer' | 'open') on ` +
        'the method or its controller',
    );
  }

  private routesWithoutAccess(): string[] {
    return this.discovery.getControllers().flatMap(({ instance, metatype }) => {
      const prefix = this.reflector.get<string | string[]>(PATH_METADATA, metatype as () => unknown);
      const prototype = Object.getPrototypeOf(instance) as Record<string, object>;
      return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
        const handler = prototype[name] as () => unknown;
        const path = this.reflector.get<string | string[] | undefined>(PATH_METADATA, handler);
        const isDeclared = this.reflector.getAllAndOverride(ACCESS, [handler, metatype as () => unknown]) !== undefined;
        if (path === undefined || isDeclared) return [];
        const method = RequestMethod[this.reflector.get<number>(METHOD_METADATA, handler)];
        const route = [prefix, path].map((part) => [part].flat().join('|')).join('/');
        return [`${method} ${route} (${metatype?.name}.${name})`];
      });
    });
  }
}

interface Layer {
  readonly route?: { readonly path: string };
}

/** To be asked before Nest's own routes are there. */
function routesOfExpress(express: Express): string[] {
  const { stack } = express.router as unknown as { readonly stack: readonly Layer[] };
  return stack
    .flatMap(({ route }) => (route === undefined ? [] : [route.path]))
    .filter((path) => !DOCS_PATHS.some((docs) => path === docs || path.startsWith(`${docs}/`)))
    .map((path) => `${path} (of Express)`);
}
