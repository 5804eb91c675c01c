import type { RunningServer } from './running-server';

interface Wanted {
  readonly current: { readonly uri: string } | null;
  readonly next: { readonly uri: string } | null;
  readonly previous: { readonly uri: string } | null;
  readonly canaryProbability: number;
  readonly settings: object;
}

export interface Shown {
  readonly generation: number;
  readonly wanted: Wanted;
  readonly converged: boolean;
}

export interface Event {
  readonly action: string;
  readonly outcome: string;
  readonly origin: { readonly actor: string; readonly reason: string | null; readonly requestId: string };
  readonly problem: { readonly code: string } | null;
  readonly sequence: number;
  readonly before: { readonly generation: number } | null;
  readonly after: { readonly generation: number } | null;
}

type Headers = Readonly<Record<string, string>>;

/** What is asked of deployments over HTTP. */
export class DeploymentRoutes {
  constructor(private readonly server: () => RunningServer) {}

  readonly put = (name: string, body: object, headers: Headers = {}) =>
    this.server().http.put(`/deployments/${name}`).set(headers).send(body);

  readonly post = (path: string, body: object = {}, headers: Headers = {}) =>
    this.server().http.post(`/deployments/${path}`).set(headers).send(body);

  readonly show = async (name: string): Promise<Shown> =>
    (await this.server().http.get(`/deployments/${name}`)).body as Shown;

  readonly events = async (name: string): Promise<Event[]> =>
    ((await this.server().http.get(`/deployments/${name}/events?limit=1000`)).body as { events: Event[] }).events;
}
