import { type Browser, chromium, type Page } from 'playwright-core';
import { findBrowser, QUIET } from '../../test/browser/support/chromium';

/** Starts the browser; throws where there is none. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined)
    throw new Error('this part needs Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH');
  return chromium.launch({ executablePath, args: QUIET });
}

export interface FirstLoad {
  /** Of the largest thing on the first screen, from the start of the navigation, with the processor slowed. */
  readonly largestPaintMs: number;
  /** Of all scripts that were fetched until then, as they came over the wire. */
  readonly scriptBytes: number;
}

/** Loads an address with nothing in the browser's cache, until what `shown` selects is there and what is drawn with it. */
export async function firstLoad(browser: Browser, url: string, shown: string, slowdown: number): Promise<FirstLoad> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    const devTools = await context.newCDPSession(page);
    await devTools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    await page.goto(url);
    await page.locator(shown).first().waitFor();
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 1500))');
    return await page.evaluate<FirstLoad>(`new Promise((resolve) => {
      new PerformanceObserver((list) => {
        const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'));
        resolve({
          largestPaintMs: list.getEntries().at(-1).startTime,
          scriptBytes: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
        });
      }).observe({ type: 'largest-contentful-paint', buffered: true });
    })`);
  } finally {
    await context.close();
  }
}

export interface Scrolled {
  readonly framesPerSecond: number;
  readonly longestFrameMs: number;
}

/** Scrolls up and down as fast as a person flicks, and counts the frames. */
export async function scroll(page: Page, seconds: number): Promise<Scrolled> {
  return page.evaluate<Scrolled>(`new Promise((resolve) => {
    const beganAt = performance.now();
    let step = 40, frames = 0, longestFrameMs = 0, before;
    const frame = (now) => {
      if (before !== undefined) longestFrameMs = Math.max(longestFrameMs, now - before);
      before = now;
      frames++;
      window.scrollBy(0, step);
      const end = document.documentElement.scrollHeight - window.innerHeight;
      if (window.scrollY >= end || window.scrollY <= 0) step = window.scrollY <= 0 ? 40 : -40;
      const tookMs = performance.now() - beganAt;
      if (tookMs < ${seconds * 1000}) requestAnimationFrame(frame);
      else resolve({ framesPerSecond: (frames * 1000) / tookMs, longestFrameMs });
    };
    requestAnimationFrame(frame);
  })`);
}

/** From the click on what confirms a promotion until each window shows the version in current, in milliseconds. */
export async function promote(first: Page, second: Page, version: string): Promise<readonly [number, number]> {
  const shown = [first, second].map((page) =>
    page.evaluate<number>(`new Promise((resolve) => {
      const look = () => {
        const current = document.querySelector('[data-slot=current]');
        if (!current?.textContent.includes(${JSON.stringify(version)})) return;
        observer.disconnect();
        requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()));
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    })`),
  );
  await first.getByRole('button', { name: `Promote ${version}…` }).click();
  const clicked = first.evaluate<number>(`new Promise((resolve) => {
    addEventListener('click', () => resolve(performance.timeOrigin + performance.now()), { capture: true, once: true });
  })`);
  await first
    .getByRole('dialog')
    .getByRole('button', { name: `Promote ${version}`, exact: true })
    .click();
  const clickedAt = await clicked;
  const [here = 0, there = 0] = await Promise.all(shown);
  return [here - clickedAt, there - clickedAt];
}
