import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ManagedDeployments } from '@understudy/control';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { Gate } from '../access/gate';
import { isDeploymentName } from '../control/deployment-name';
import { onlyThese } from '../http/only-these';
import { DeploymentLead } from './deployment-lead';

const PATH = '/dashboard';

/** What the build leaves in the page for the nonce. */
const NONCE_PLACE = 'STYLE_NONCE';

/** And for the name of the deployment that a page is of, and for what serves what there. */
const NAME_PLACE = 'DEPLOYMENT_NAME';
const LEAD_PLACE = 'DEPLOYMENT_LEAD';
const PLACES = new RegExp(`${NAME_PLACE}|${LEAD_PLACE}`, 'g');

const DEPLOYMENT = /^\/deployments\/([^/]+)$/;

/** Files under assets/ have their content's hash in their name. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * Serves the built dashboard: its files, and its one page for every address below /dashboard, which the page itself reads.
 * Nothing but the files that are in the folder when it starts can be reached: no dot files, no links, no paths that leave it.
 */
export function serveDashboard(app: NestExpressApplication, folder: string): void {
  const pages = new Pages(folder, app.get(ManagedDeployments));
  const gate = app.get(Gate);
  app.use(
    `${PATH}/assets`,
    onlyThese(files(join(folder, 'assets'), '/')),
    preferCompressed(files(join(folder, 'assets'))),
    express.static(join(folder, 'assets'), {
      index: false,
      redirect: false,
      dotfiles: 'ignore',
      fallthrough: false,
      setHeaders: (response, path) => {
        response.setHeader('Cache-Control', FOR_EVER);
        response.setHeader('Vary', 'Accept-Encoding');
        if (!path.endsWith(COMPRESSED)) return;
        response.setHeader('Content-Encoding', 'gzip');
        response.type(extname(path.slice(0, -COMPRESSED.length)));
      },
    }),
  );
  for (const name of ['icon.svg', 'color-scheme.js', 'start.js'])
    app.use(`${PATH}/${name}`, express.static(join(folder, name), { redirect: false }));
  const pageFor = (request: Request): string => {
    const refused = gate.whyRefused(request, 'view');
    if (refused === undefined) return pages.at(request.path);
    return refused.code === 'unauthenticated' && !comesFromElsewhere(request) ? pages.signIn : pages.empty;
  };
  const sendPage = (request: Request, response: Response): void => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.status(405).setHeader('Allow', 'GET, HEAD').end();
      return;
    }
    const nonce = randomBytes(16).toString('base64');
    response.setHeader('Content-Security-Policy', policy(nonce));
    response.setHeader('X-Frame-Options', 'DENY');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.type('html').send(pageFor(request).replace(NONCE_PLACE, nonce));
  };
  app.use(PATH, sendPage);
}

/** A link of another site brings no session along, so that nobody knows yet whether there is one. */
const comesFromElsewhere = ({ headers }: Request): boolean => headers['sec-fetch-site'] === 'cross-site';

/**
 * The page as the build wrote it: once with nothing in it, with the title of each address that has one of its own, for a deployment,
 * whose facts are filled in, and for who has to sign in.
 */
class Pages {
  /** For an address that has no title, and for who may not look. */
  readonly empty: string;
  /** For who has to sign in. */
  readonly signIn: string;
  private readonly titled: ReadonlyMap<string, string>;
  private readonly deployment: string;
  private readonly lead: DeploymentLead;

  constructor(
    folder: string,
    private readonly deployments: ManagedDeployments,
  ) {
    this.empty = readFileSync(join(folder, 'index.html'), 'utf8');
    this.signIn = readFileSync(join(folder, 'sign-in.html'), 'utf8');
    this.deployment = readFileSync(join(folder, 'deployment.html'), 'utf8');
    this.lead = new DeploymentLead(folder);
    const names = readdirSync(join(folder, 'pages')).filter((name) => extname(name) === '.html');
    this.titled = new Map(
      names.map((name) => [
        name === 'index.html' ? '/' : `/${basename(name, '.html')}`,
        readFileSync(join(folder, 'pages', name), 'utf8'),
      ]),
    );
  }

  /** The page for an address below /dashboard. */
  at(path: string): string {
    const name = DEPLOYMENT.exec(path)?.[1] ?? (path === '/' ? this.onlyOne() : undefined);
    if (name !== undefined && isDeploymentName(name)) return this.ofDeployment(name);
    return this.titled.get(path) ?? this.empty;
  }

  /** The overview of a single deployment is its page. */
  private onlyOne(): string | undefined {
    const [only, ...others] = this.deployments.all;
    return others.length === 0 ? only?.name : undefined;
  }

  private ofDeployment(name: string): string {
    const managed = this.deployments.all.find((one) => one.name === name);
    const lead = managed === undefined ? '' : this.lead.of(managed.served);
    // A name has nothing in it that a page would read as its own.
    const facts: Readonly<Record<string, string>> = { [NAME_PLACE]: name, [LEAD_PLACE]: lead };
    // In one go: nothing that was filled in is taken for a place.
    return this.deployment.replace(PLACES, (place) => facts[place] ?? place);
  }
}

/** The names of a folder's own files, as requests write them: with `before` in front. */
function files(folder: string, before = ''): ReadonlySet<string> {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Set(entries.filter(({ name }) => !name.startsWith('.')).map(({ name }) => `${before}${name}`));
}

/** What the build calls a file that it compressed. */
const COMPRESSED = '.gz';

/** Has the file served that was compressed when the dashboard was built, where there is one that the browser takes. */
function preferCompressed(names: ReadonlySet<string>): RequestHandler {
  return (request, _response, next) => {
    const takesIt = request.acceptsEncodings('gzip') === 'gzip';
    if (takesIt && names.has(`${request.path.slice(1)}${COMPRESSED}`)) request.url = `${request.path}${COMPRESSED}`;
    next();
  };
}

/** Nothing from elsewhere, no script but the files, one style element beside the files: Mantine's, by its nonce. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
