import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(join(process.cwd(), 'package.json')).resolve('axe-core/axe.min.js'), 'utf8');

interface Look {
  readonly widths?: readonly number[];
  /** The part of the page that is new, where the rest was looked at before. */
  readonly within?: string;
}

const WIDTHS = [360, 768, 1440] as const;
/** One of the dialogs that ask before a change: what is around it is the same for all of them. */
export const CONFIRMATION: Look = { within: '[role=dialog]' };
const SCHEMES = ['light', 'dark'] as const;
const SECOND_LOOK_MS = 1_000;
/** Half of axe's time went into telling of what is well, and into a selector for each element of it. */
const ONLY_FAULTS: RunOptions = { resultTypes: ['violations'], selectors: false };

/** What is wrong with what is on screen now, in both colour schemes and at several widths: what axe finds, and what overflows. */
export async function faultsOf(page: Page, what: string, look: Look = {}): Promise<string[]> {
  const { widths = WIDTHS, within = 'html' } = look;
  const found: string[] = [];
  for (const scheme of SCHEMES) {
    // Without motion: axe measures contrast, and what fades in has none yet.
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await settled(page);
      found.push(...(await lastingFaults(page, within)).map((fault) => `${what}, ${scheme}, ${width} px: ${fault}`));
    }
  }
  return found;
}

/** Some parts find their place only after they were measured: what is wrong for that moment is looked at again. */
async function lastingFaults(page: Page, within: string): Promise<string[]> {
  const found = await faultsNow(page, within);
  if (found.length === 0) return found;
  await page.waitForTimeout(SECOND_LOOK_MS);
  return faultsNow(page, within);
}

async function faultsNow(page: Page, within: string): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(`${AXE}; 0`);
  const of = [within, ONLY_FAULTS].map((part) => JSON.stringify(part)).join();
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${of})`);
  const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  return [
    ...violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`),
    ...(Number(overflow) > 0 ? [`wider than its window by ${String(overflow)} px`] : []),
  ];
}

/** There is a page, and nothing on it says that it is still busy. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor({ state: 'attached' });
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
}
