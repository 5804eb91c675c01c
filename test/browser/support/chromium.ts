import { spawnSync } from 'node:child_process';
import { type Browser, chromium, type ConsoleMessage, type Page } from 'playwright-core';

export interface BrowserWindow {
  readonly page: Page;
  /**
   * Says which failed requests belong to the test, as `401 /session` or `ERR_CONNECTION_REFUSED`. The browser writes each of them on its
   * console, and no page can keep it from that.
   */
  readonly expectFailures: (...failures: readonly (string | RegExp)[]) => void;
}

/** For whatever is to appear; a test ends with what it waited for, before its own time limit says nothing. */
const PATIENCE_MS = 15_000;

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

/**
 * Describes tests that need a real browser; without one they are skipped and say so, with CI set they fail. Each window that a test opens
 * is looked at when the test is over: errors, breaches of the content security policy, inline scripts, or requests to anybody else fail it.
 */
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
    let windows: WatchedWindow[] = [];
    beforeAll(async () => {
      browser = await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args: QUIET });
    });
    afterEach(async () => {
      const faults = (await Promise.all(windows.map((window) => window.close()))).flat();
      windows = [];
      expect(faults).toEqual([]);
    });
    afterAll(async () => {
      await browser.close();
    });
    tests(async () => {
      const window = new WatchedWindow(await browser.newPage({ viewport: { width: 1280, height: 900 } }));
      window.page.setDefaultTimeout(PATIENCE_MS);
      windows.push(window);
      return window;
    });
  });
}

const FAILED_REQUEST = /^Failed to load resource: (?:the server responded with a status of (\d+)|net::(\w+))/;

/** A window and everything that went wrong in it. */
class WatchedWindow implements BrowserWindow {
  private readonly faults: string[] = [];
  private readonly failures: string[] = [];
  private readonly expected: (string | RegExp)[] = [];

  constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.note(message);
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && url.origin !== new URL(page.url()).origin && page.url() !== 'about:blank')
        this.faults.push(`a request to another host: ${url.href}`);
    });
  }

  readonly expectFailures = (...failures: readonly (string | RegExp)[]): void => {
    this.expected.push(...failures);
  };

  /** Returns what went wrong. */
  async close(): Promise<string[]> {
    const inline = await this.page.evaluate<number>('document.querySelectorAll("script:not([src])").length');
    if (inline > 0) this.faults.push(`${inline} inline scripts`);
    await this.page.context().close();
    const known = (failure: string): boolean =>
      this.expected.some((one) => (typeof one === 'string' ? failure === one : one.test(failure)));
    return [...this.faults, ...this.failures.filter((failure) => !known(failure))];
  }

  private note(message: ConsoleMessage): void {
    const [, status, network] = FAILED_REQUEST.exec(message.text()) ?? [];
    if (status !== undefined) this.failures.push(`${status} ${new URL(message.location().url).pathname}`);
    else if (network !== undefined) this.failures.push(network);
    else this.faults.push(message.text());
  }
}
