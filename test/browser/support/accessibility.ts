import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(join(process.cwd(), 'package.json')).resolve('axe-core/axe.min.js'), 'utf8');

const WIDTHS = [360, 768, 1440] as const;
const SCHEMES = ['light', 'dark'] as const;

/** What is wrong with what is on screen now, in both colour schemes and at three widths: what axe finds, and what overflows. */
export async function faultsOf(page: Page, what: string): Promise<string[]> {
  const found: string[] = [];
  for (const scheme of SCHEMES) {
    // Without motion: axe measures contrast, and what fades in has none yet.
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await settled(page);
      found.push(...(await faultsNow(page)).map((fault) => `${what}, ${scheme}, ${width} px: ${fault}`));
    }
  }
  return found;
}

async function faultsNow(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(`${AXE}; 0`);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
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
