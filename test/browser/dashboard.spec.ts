import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { RunningServer } from '../support/running-server';
import { type BrowserWindow, withChromium } from './support/chromium';

/** The dashboard in a real browser on the real server. */

const AXE = readFileSync(createRequire(join(process.cwd(), 'package.json')).resolve('axe-core/axe.min.js'), 'utf8');

const PAGES = {
  deployment: '/dashboard/',
  'try-it': '/dashboard/deployments/default?tab=try-it',
  history: '/dashboard/history',
  registry: '/dashboard/registry',
  replicas: '/dashboard/replicas',
  access: '/dashboard/access',
} as const;

const WIDTHS = [360, 768, 1440];
const ROWS = [
  [5.1, 3.5, 1.4, 0.2],
  [6.2, 3.4, 5.4, 2.3],
  [5.9, 3, 4.2, 1.5],
];

const slotCard = (page: Page, slot: string) => page.getByRole('region', { name: slot, exact: true });

async function confirm(page: Page, action: string, reason: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByRole('button', { name: action, exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** What axe finds, and whether the page is wider than its window. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(`${AXE}; 0`);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  return [
    ...violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`),
    ...(Number(overflow) > 0 ? [`wider than its window by ${String(overflow)} px`] : []),
  ];
}

async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
}

withChromium('the dashboard', (open: () => Promise<BrowserWindow>) => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await RunningServer.start();
  });

  afterAll(async () => {
    await server.stop();
  });

  it('takes a version from loading to promotion and back', async () => {
    const { page, problems, otherHosts } = await open();
    await page.goto(`${server.url}${PAGES.deployment}`);
    await slotCard(page, 'Current').getByText('tracking-quickstart v1').waitFor();

    await page.getByRole('button', { name: 'Load next…', exact: true }).click();
    await page
      .getByRole('dialog')
      .getByLabel('Version')
      .and(page.locator('input'))
      .fill('models:/tracking-quickstart/3');
    await page.keyboard.press('Tab');
    await confirm(page, 'Load models:/tracking-quickstart/3', 'weekly retraining');
    await slotCard(page, 'Next').getByText('tracking-quickstart v3').waitFor();

    await page.getByRole('button', { name: 'Next 10 %' }).click();
    await page.getByRole('button', { name: 'Apply…' }).click();
    await confirm(page, 'Set current 90 % · next 10 %', 'a first look');
    await slotCard(page, 'Next').getByText('answers 10 %').waitFor();

    for (let round = 0; round < 10; round++)
      for (const slot of ['current', 'next']) await server.predict(ROWS, { 'X-Model-Slot': slot });
    await page.reload();
    await page.getByRole('img', { name: 'Requests per second: current solid, next dashed' }).waitFor();
    await page.setViewportSize({ width: 1440, height: 900 });
    await takePicture(page, 'dashboard-deployment.png');

    await page.getByRole('button', { name: 'Promote tracking-quickstart v3…' }).click();
    await confirm(page, 'Promote tracking-quickstart v3', 'fewer errors');
    await slotCard(page, 'Current').getByText('tracking-quickstart v3').waitFor();

    await page.getByRole('button', { name: 'Roll back to tracking-quickstart v1…' }).click();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel');
    await confirm(page, 'Roll back to tracking-quickstart v1', 'errors at night');
    await slotCard(page, 'Current').getByText('tracking-quickstart v1').waitFor();

    const { events } = (await server.http.get('/deployments/default/events?limit=4')).body as {
      events: { action: string; origin: { reason: string } }[];
    };
    expect(events.map(({ action, origin }) => [action, origin.reason])).toEqual([
      ['roll-back', 'errors at night'],
      ['promote', 'fewer errors'],
      ['set-split', 'a first look'],
      ['load-next', 'weekly retraining'],
    ]);
    expect(problems).toEqual([]);
    expect(otherHosts).toEqual([]);
  }, 120_000);

  it('shows a load that failed, with its sentence, until it is dismissed', async () => {
    const { page } = await open();
    await page.goto(`${server.url}${PAGES.deployment}`);
    await page.getByRole('button', { name: 'Load next…', exact: true }).click();
    await page
      .getByRole('dialog')
      .getByLabel('Version')
      .and(page.locator('input'))
      .fill('models:/tracking-quickstart/99');
    await page.keyboard.press('Tab');
    await confirm(page, 'Load models:/tracking-quickstart/99', '');
    const next = slotCard(page, 'Next');
    await next.getByText('models:/tracking-quickstart/99 was not loaded').waitFor();
    await next.getByRole('button', { name: 'Dismiss' }).click();
    await next.getByText(/tracking-quickstart v\d/).waitFor();
    expect((await server.http.get('/deployments/default')).body.change.state).toBe('failed');
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that axe finds on any page at any width, in %s',
    async (colorScheme) => {
      const { page, problems, otherHosts } = await open();
      await page.emulateMedia({ colorScheme });
      const found: string[] = [];
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(`${server.url}${path}`);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          await settled(page);
          found.push(...(await faults(page)).map((fault) => `${name} ${width}: ${fault}`));
        }
        if (colorScheme === 'light' && name !== 'deployment') await takePicture(page, `dashboard-${name}.png`);
      }
      expect(found).toEqual([]);
      expect(problems).toEqual([]);
      expect(otherHosts).toEqual([]);
    },
    240_000,
  );

  it('[case 144] sends its page with a policy that takes no inline script', async () => {
    const answer = await server.http.get('/dashboard/');
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(answer.text).not.toMatch(/<script(?![^>]* src=)/);
  });
});

/** UPDATE_SCREENSHOTS=1 npm run test:browser writes the pictures of the documentation. */
async function takePicture(page: Page, name: string): Promise<void> {
  if (process.env['UPDATE_SCREENSHOTS'] === undefined) return;
  const folder = join(process.cwd(), 'docs', 'images');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, name), animations: 'disabled' });
}
