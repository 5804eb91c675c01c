import type { IncomingMessage } from 'node:http';

/** Which prediction a request asks for, by its method and path. */
export type PredictionRoute =
  /** `deployment` undefined where the path names none. */
  | { readonly protocol: 'predict'; readonly deployment: string | undefined }
  | { readonly protocol: 'invocations' }
  /** Names as the path has them, decoded; `version` undefined where the path names none. */
  | { readonly protocol: 'infer'; readonly model: string; readonly version: string | undefined };

const PREDICT: PredictionRoute = { protocol: 'predict', deployment: undefined };
const INVOCATIONS: PredictionRoute = { protocol: 'invocations' };
const PREDICT_OF = /^\/deployments\/([^/]+)\/predict$/;
const INFER = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?\/infer$/;

/** The prediction that a request asks for; undefined where it asks for anything else. Both doors ask here. */
export function matchPrediction({
  method,
  url = '',
}: Pick<IncomingMessage, 'method' | 'url'>): PredictionRoute | undefined {
  if (method !== 'POST') return undefined;
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  if (path === '/predict') return PREDICT;
  if (path === '/invocations') return INVOCATIONS;
  try {
    return matchNamed(path);
  } catch {
    // A broken percent-encoding: the router says so.
    return undefined;
  }
}

/** Throws URIError where a name is encoded as nothing can be. */
function matchNamed(path: string): PredictionRoute | undefined {
  if (path.startsWith('/deployments/')) {
    const [, deployment] = PREDICT_OF.exec(path) ?? [];
    return deployment === undefined ? undefined : { protocol: 'predict', deployment: decodeURIComponent(deployment) };
  }
  if (!path.startsWith('/v2/models/')) return undefined;
  const [, model, version] = INFER.exec(path) ?? [];
  if (model === undefined) return undefined;
  return {
    protocol: 'infer',
    model: decodeURIComponent(model),
    version: version === undefined ? undefined : decodeURIComponent(version),
  };
}
