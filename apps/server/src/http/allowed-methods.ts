import type { Request } from 'express';

interface Layer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): unknown;
}

/** In the order in which Allow lists them. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * The methods that routes of Express take at the path of a request which none of them took, as the header Allow lists them;
 * undefined where it has no such path, or one that takes the request's own and was refused before it came there. Asked of the router, so
 * that no route can be forgotten.
 */
export function allowedMethods({ app, path, method }: Request): string | undefined {
  const { stack } = app.router as unknown as { readonly stack: readonly Layer[] };
  const taken = new Set(
    stack.flatMap((layer) => (layer.route !== undefined && layer.match(path) ? Object.keys(layer.route.methods) : [])),
  );
  // Express answers HEAD by the route for GET.
  if (taken.has('get')) taken.add('head');
  const allowed = METHODS.filter((method) => taken.has(method.toLowerCase()));
  return allowed.length === 0 || allowed.includes(method) ? undefined : allowed.join(', ');
}
