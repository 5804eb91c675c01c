import createClient from 'openapi-fetch';
import { heard, lost } from '../live/connection';
import { problemOf, unreachable } from './problem';
import type { paths } from './schema';

/** Says that a request comes from a page's own script: a form of another site cannot send it. */
const CSRF_HEADER = 'X-Understudy-Csrf';

/** The server's HTTP API with the types of its OpenAPI document. Every refusal is thrown as an {@link ApiProblem}. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  headers: { [CSRF_HEADER]: 'dashboard' },
});

api.use({
  async onResponse({ response }) {
    heard();
    if (response.ok) return;
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null);
    throw problemOf(response.status, body);
  },
  onError() {
    lost();
    throw unreachable();
  },
});

/** The body of an answer that was not refused. */
export async function dataOf<Body>(answer: Promise<{ readonly data?: Body }>): Promise<Body> {
  // The middleware threw where there is none.
  return (await answer).data as Body;
}
