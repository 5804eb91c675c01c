import type { Page } from 'playwright-core';
import { settled } from './support/accessibility';
import { type BrowserWindow, withChromium } from './support/chromium';
import { ServerUnderTest } from './support/server-under-test';

/** What stands in the page is painted before the dashboard's scripts are compiled; they wait for nothing that does not come. */

/** Nothing that waits for a frame goes on until the test says so. */
const HELD_FRAMES = `
  const frame = window.requestAnimationFrame.bind(window);
  const held = [];
  window.requestAnimationFrame = (callback) => held.push(callback);
  window.letFramesGo = () => {
    window.requestAnimationFrame = frame;
    held.forEach((callback) => frame(callback));
  };
`;

const HIDDEN = `Object.defineProperty(Document.prototype, 'visibilityState', { get: () => 'hidden' });`;

const moduleScripts = (page: Page): Promise<number> =>
  page.evaluate<number>('document.querySelectorAll("script[type=module]").length');

withChromium('the first frame', (open: () => Promise<BrowserWindow>) => {
  let server: ServerUnderTest;

  beforeAll(async () => {
    server = await ServerUnderTest.start();
  });

  afterAll(async () => {
    await server.stop();
  });

  it('is on screen before the scripts do anything, with the processor slowed', async () => {
    const { page } = await open();
    const devTools = await page.context().newCDPSession(page);
    await devTools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.goto(`${server.url}/dashboard/registry`);
    await settled(page);
    // Who is there is what the scripts ask first of all.
    const { painted, asked, scripts } = await page.evaluate<{ painted: number; asked: number; scripts: string[] }>(`({
      painted: performance.getEntriesByName('first-contentful-paint')[0].startTime,
      asked: performance.getEntriesByName(location.origin + '/session')[0].startTime,
      scripts: performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.endsWith('.js')),
    })`);
    expect(painted).toBeLessThan(asked);
    // None is fetched for the frame and once more to run it.
    expect(scripts).toEqual([...new Set(scripts)]);
  });

  it('is what the scripts wait for', async () => {
    const { page } = await open();
    await page.addInitScript(HELD_FRAMES);
    await page.goto(`${server.url}/dashboard/registry`);
    await page.locator('.first-frame').getByRole('heading', { name: 'Registry' }).waitFor();
    expect(await moduleScripts(page)).toBe(0);
    await page.evaluate('letFramesGo()');
    await page.getByRole('navigation').first().waitFor();
    await settled(page);
    expect(await moduleScripts(page)).toBe(1);
  });

  it('is not waited for in a hidden tab, which gets none', async () => {
    const { page } = await open();
    await page.addInitScript(`${HIDDEN}${HELD_FRAMES}`);
    await page.goto(`${server.url}/dashboard/registry`);
    await page.getByRole('navigation').first().waitFor();
    await page.getByRole('heading', { name: 'Registry' }).waitFor();
    expect(await moduleScripts(page)).toBe(1);
  });

  it('is not waited for by a page that has none', async () => {
    const { page } = await open();
    await page.addInitScript(HELD_FRAMES);
    await page.goto(`${server.url}/dashboard/nowhere`);
    await page.getByRole('navigation').first().waitFor();
    expect(await moduleScripts(page)).toBe(1);
  });
});
