import { spawnSync } from 'node:child_process';
import { type Browser, chromium, type Page } from 'playwright-core';

export interface BrowserWindow {
  readonly page: Page;
  /** Errors of the page and of its console. */
  readonly problems: string[];
  /** Requests to anybody but the server under test. */
  readonly otherHosts: string[];
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Without these a browser calls its maker when it starts. */
export const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function findBrowser(): string | undefined {
  for (const name of [process.env['CHROMIUM_PATH'] ?? '', ...NAMES]) {
    const found =
      name === '' ? '' : spawnSync('sh', ['-c', `command -v '${name}'`], { encoding: 'utf8' }).stdout.trim();
    if (found !== '') return found;
  }
  return undefined;
}

/** Describes tests that need a real browser; without one they are skipped and say so, with CI set they fail. */
export function withChromium(name: string, tests: (open: () => Promise<BrowserWindow>) => void): void {
  const executablePath = findBrowser();
  if (executablePath === undefined) {
    const howToGet = 'Install Chromium (Debian: apt-get install chromium) or set CHROMIUM_PATH.';
    if (process.env['CI'] !== undefined) throw new Error(`No browser was found and CI is set. ${howToGet}`);
    console.warn(`Skipped what needs a browser. ${howToGet}`);
  }
  const define = executablePath === undefined ? describe.skip : describe;
  define(name, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args: QUIET });
    });
    afterAll(async () => {
      await browser.close();
    });
    tests(async () => openWindow(browser));
  });
}

async function openWindow(browser: Browser): Promise<BrowserWindow> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const problems: string[] = [];
  const otherHosts: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== new URL(page.url()).origin && page.url() !== 'about:blank')
      otherHosts.push(url.href);
  });
  return { page, problems, otherHosts };
}
