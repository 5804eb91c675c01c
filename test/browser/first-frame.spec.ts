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

/** Every title with its lead that was on the page, one after the other. */
const WATCHED_WORDS = `
  window.words = [];
  new MutationObserver(() => {
    const now = ['h1', '.lead'].map((part) => document.querySelector(part)?.textContent ?? '').join(': ');
    if (window.words.at(-1) !== now) window.words.push(now);
  }).observe(document, { subtree: true, childList: true, characterData: true });
`;

/** What the first frame says, and where; and what was said until the page stood still, and where that stands then. */
async function wordsOf(page: Page, address: string) {
  const box = async () => page.locator('.lead').boundingBox();
  await page.addInitScript(`${HELD_FRAMES}${WATCHED_WORDS}`);
  await page.goto(address);
  await page.locator('.first-frame .lead').waitFor();
  const first = { words: await page.locator('.first-frame .page-head').innerText(), at: await box() };
  await page.evaluate('letFramesGo()');
  await page.getByRole('region', { name: 'Current' }).waitFor();
  await settled(page);
  return { first, said: await page.evaluate<string[]>('words.filter((one) => one !== ": ")'), at: await box() };
}

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

  it.each([360, 1440])('says what serves what, in the words and the place that stay: %d px wide', async (width) => {
    const { page } = await open();
    await page.setViewportSize({ width, height: 900 });
    const { first, said, at } = await wordsOf(page, `${server.url}/dashboard/deployments/default`);
    expect(first.words).toMatch(/^default\s+tracking-quickstart v\d gets every request\. .+/);
    expect(said).toEqual([first.words.replace(/\s*\n\s*/, ': ')]);
    expect(at).toEqual(first.at);
  });

  it('of the only deployment is there at the first address, without one of the overview before', async () => {
    const { page } = await open();
    const { first, said } = await wordsOf(page, `${server.url}/dashboard/`);
    expect(first.words).toMatch(/^default\s+tracking-quickstart v\d gets every request\. .+/);
    expect(said).toEqual([first.words.replace(/\s*\n\s*/, ': ')]);
  });

  it('says the same as the page with a split and a way back', async () => {
    await server.loadNext('models:/tracking-quickstart/2');
    await server.ask('POST', '/deployments/default/accept-next-model', {});
    await server.loadNext('models:/tracking-quickstart/3');
    await server.ask('POST', '/deployments/default/set-canary-probability', { probability: 0.925 });
    const { page } = await open();
    const { said } = await wordsOf(page, `${server.url}/dashboard/deployments/default`);
    expect(said).toEqual([
      'default: tracking-quickstart v2 gets 92.5 % of the requests, tracking-quickstart v3 in next 7.5 %. ' +
        'A roll back brings tracking-quickstart v1 at once.',
    ]);
  });

  it.each([360, 1440])('asks for a token in the place that stays: %d px wide', async (width) => {
    const asking = await ServerUnderTest.withTokens();
    try {
      const { page, expectFailures } = await open();
      expectFailures(/^401 /);
      await page.setViewportSize({ width, height: 900 });
      await page.addInitScript(HELD_FRAMES);
      await page.goto(`${asking.url}/dashboard/`);
      const places = async () =>
        Promise.all(
          [/^Understudy$/, /^This server asks/, /^No token\?/, /^Ask whoever/, /^For the very first/].map(
            async (text) => page.locator('h1, h2, p').filter({ hasText: text }).boundingBox(),
          ),
        );
      await page.locator('.first-frame').getByText('This server asks for a token').waitFor();
      const first = await places();
      await page.evaluate('letFramesGo()');
      await page.getByLabel(/^Token/).waitFor();
      await settled(page);
      expect(await places()).toEqual(first);
    } finally {
      await asking.stop();
    }
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
