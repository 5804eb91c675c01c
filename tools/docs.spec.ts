import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '@understudy/platform';
import { DEVIATIONS } from '../libs/inference/src/scoring/recorded-deviations.fixture';
import { HTTP_PROBLEMS, PROBLEMS } from '../apps/server/src/http/problems';
import { metricsTable } from './metrics-table';
import { SERVER_ENVIRONMENT, SERVER_FLAGS } from './server-flags.mjs';
import { settingsTable } from './settings-table';

const read = (path: string): string => readFileSync(join(process.cwd(), path), 'utf8');

describe('docs/errors.md', () => {
  const documented = [...read('docs/errors.md').matchAll(/^\|\s*`([a-z-]+)`\s*\|\s*(\d{3})\s*\|/gm)].map(
    ([, code, status]) => [code, Number(status)],
  );

  it('explains every error code with its status, and no other', () => {
    const all = { ...PROBLEMS, ...HTTP_PROBLEMS };
    const expected = [...ERROR_CODES, ...Object.keys(HTTP_PROBLEMS)].map((code) => [
      code,
      all[code as keyof typeof all].status,
    ]);
    expect(documented.sort()).toEqual(expected.sort());
  });
});

describe('docs/settings.md', () => {
  it('holds the table of the settings as they are (UPDATE_DOCS=1 writes it)', () => {
    const path = join(process.cwd(), 'docs', 'settings.md');
    const [before = '', after = ''] = read('docs/settings.md').split(/<!-- settings -->[^]*<!-- end of settings -->/);
    const expected = `${before}<!-- settings -->\n<!-- prettier-ignore-start -->\n${settingsTable()}\n<!-- prettier-ignore-end -->\n<!-- end of settings -->${after}`;
    if (process.env['UPDATE_DOCS'] !== undefined) writeFileSync(path, expected);
    expect(read('docs/settings.md')).toBe(expected);
  });
});

describe('docs/operations.md', () => {
  it('holds the table of the metrics as they are (UPDATE_DOCS=1 writes it)', () => {
    const path = join(process.cwd(), 'docs', 'operations.md');
    const [before = '', after = ''] = read('docs/operations.md').split(/<!-- metrics -->[^]*<!-- end of metrics -->/);
    const expected = `${before}<!-- metrics -->\n<!-- prettier-ignore-start -->\n${metricsTable()}\n<!-- prettier-ignore-end -->\n<!-- end of metrics -->${after}`;
    if (process.env['UPDATE_DOCS'] !== undefined) writeFileSync(path, expected);
    expect(read('docs/operations.md')).toBe(expected);
  });
});

describe('docs/protocols.md', () => {
  it('lists every way in which scoring differs from MLflow (UPDATE_DOCS=1 writes it)', () => {
    const path = join(process.cwd(), 'docs', 'protocols.md');
    const [before = '', after = ''] = read('docs/protocols.md').split(
      /<!-- deviations -->[^]*<!-- end of deviations -->/,
    );
    const list = DEVIATIONS.map(({ why }) => `- ${why}`).join('\n');
    const expected = `${before}<!-- deviations -->\n\n${list}\n\n<!-- end of deviations -->${after}`;
    if (process.env['UPDATE_DOCS'] !== undefined) writeFileSync(path, expected);
    expect(read('docs/protocols.md')).toBe(expected);
  });
});

describe('the decisions in docs/adr', () => {
  const files = readdirSync(join(process.cwd(), 'docs', 'adr')).filter((name) => name.endsWith('.md'));

  it.each(files)('%s has its context, decision, cost and date', (name) => {
    const text = read(`docs/adr/${name}`);
    for (const part of ['## Context', '## Decision', '## Cost', 'Date: 20']) expect(text).toContain(part);
  });
});

describe('links between the documents', () => {
  const pages = [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...readdirSync(join(process.cwd(), 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];

  it.each(pages)('%s points only at files that are there', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^https?:/.test(target));
    expect(links.filter((link) => !existsSync(join(process.cwd(), page, '..', link)))).toEqual([]);
  });
});

describe('the ways to start the server', () => {
  it('tell Node the same', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: { start: string } };
    expect(scripts.start).toBe(['node', ...SERVER_FLAGS, 'tools/start.mjs'].join(' '));
    const image = read('apps/server/Dockerfile');
    expect(JSON.parse(/^CMD (.*)$/m.exec(image)?.[1] ?? '[]')).toEqual([
      'node',
      ...SERVER_FLAGS,
      'dist/apps/server/main.js',
    ]);
    const environment = Object.entries(SERVER_ENVIRONMENT).map((setting) => setting.join('='));
    for (const setting of environment) expect(image).toContain(` ${setting} \\\n`);
    const line = [...environment, 'node', ...SERVER_FLAGS, 'dist/apps/server/main.js'].join(' ');
    expect(read('docs/operations.md')).toContain(`\n${line}\n`);
  });
});
