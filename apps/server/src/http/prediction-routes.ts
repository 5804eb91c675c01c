import type { IncomingMessage } from 'node:http';

/** Whether a request is a prediction, by method and path. Both doors ask here. */
export function isPredictionRequest({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
  return method === 'POST' && (url === '/predict' || url.startsWith('/predict?'));
}
