import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type Request, type Response } from 'express';
import { onlyThese } from '../http/only-these';

const PATH = '/dashboard';

/** What the build leaves in the page for the nonce. */
const NONCE_PLACE = 'STYLE_NONCE';

/** Files under assets/ have their content's hash in their name. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * Serves the built dashboard: its files, and its one page for every address below /dashboard, which the page itself reads.
 * Nothing but the files that are in the folder when it starts can be reached: no dot files, no links, no paths that leave it.
 */
export function serveDashboard(app: NestExpressApplication, folder: string): void {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  app.use(
    `${PATH}/assets`,
    onlyThese(listed(join(folder, 'assets'))),
    express.static(join(folder, 'assets'), {
      index: false,
      redirect: false,
      dotfiles: 'ignore',
      fallthrough: false,
      setHeaders: (response) => {
        response.setHeader('Cache-Control', FOR_EVER);
      },
    }),
  );
  app.use(`${PATH}/icon.svg`, express.static(join(folder, 'icon.svg'), { redirect: false }));
  const sendPage = (request: Request, response: Response): void => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.status(405).setHeader('Allow', 'GET, HEAD').end();
      return;
    }
    const nonce = randomBytes(16).toString('base64');
    response.setHeader('Content-Security-Policy', policy(nonce));
    response.setHeader('X-Frame-Options', 'DENY');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.type('html').send(page.replace(NONCE_PLACE, nonce));
  };
  app.use(PATH, sendPage);
}

/** The paths of a folder's own files, as requests write them. */
function listed(folder: string): ReadonlySet<string> {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Set(files.filter(({ name }) => !name.startsWith('.')).map(({ name }) => `/${name}`));
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
