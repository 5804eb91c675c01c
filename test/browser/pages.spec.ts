import type { Page } from 'playwright-core';
import { faultsOf, settled } from './support/accessibility';
import { type BrowserWindow, withChromium } from './support/chromium';
import { DeploymentScreen } from './support/deployment-screen';
import { takePicture } from './support/pictures';
import { ServerUnderTest } from './support/server-under-test';

/** Every page and dialog for everybody: in light and dark, from a phone's width to a wide screen. */

const PAGES = {
  deployment: '/dashboard/',
  'try-it': '/dashboard/deployments/default?tab=try-it',
  'deployment-history': '/dashboard/deployments/default?tab=history',
  history: '/dashboard/history',
  registry: '/dashboard/registry',
  replicas: '/dashboard/replicas',
  access: '/dashboard/access',
} as const;

withChromium('every page of the dashboard', (open: () => Promise<BrowserWindow>) => {
  let server: ServerUnderTest;

  beforeAll(async () => {
    server = await ServerUnderTest.start();
  });

  afterAll(async () => {
    await server.stop();
  });

  async function openPage(path: string): Promise<Page> {
    const { page, expectFailures } = await open();
    // What is not there is answered so.
    expectFailures('404 /deployments/not-there', /^404 \/deployments\/not-there/);
    await page.goto(`${server.url}${path}`);
    return page;
  }

  it.each(Object.entries(PAGES))(
    'has nothing that axe finds: %s',
    async (name, path) => {
      const page = await openPage(path);
      await page.setViewportSize({ width: 1440, height: 900 });
      await settled(page);
      if (name !== 'deployment') await takePicture(page, `dashboard-${name}.png`);
      expect(await faultsOf(page, name)).toEqual([]);
    },
    120_000,
  );

  it('has nothing that axe finds in dialogs', async () => {
    const page = await openPage('/dashboard/access');
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'New token' }).click();
    const found = await faultsOf(page, 'new token');
    await dialog.getByLabel('Name').fill('looked at');
    await dialog.getByRole('button', { name: 'Create token' }).click();
    await dialog.getByTestId('token').waitFor();
    found.push(...(await faultsOf(page, 'the token itself')));
    await dialog.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('button', { name: 'Revoke looked at' }).click();
    found.push(...(await faultsOf(page, 'revoke')));

    await page.goto(`${server.url}/dashboard/`);
    await page.getByRole('button', { name: 'Deployment', exact: true }).click();
    found.push(...(await faultsOf(page, 'new deployment')));
    await page.keyboard.press('Escape');
    await new DeploymentScreen(page).action('Load next…').click();
    found.push(...(await faultsOf(page, 'load next')));
    expect(found).toEqual([]);
  }, 120_000);

  it('has nothing that axe finds where something is not well', async () => {
    const page = await openPage('/dashboard/no/such/page');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    const found = await faultsOf(page, 'no such page');
    await page.goto(`${server.url}/dashboard/deployments/not-there`);
    await page.getByRole('alert').waitFor();
    found.push(...(await faultsOf(page, 'no such deployment')));
    await page.goto(`${server.url}/dashboard/`);
    const screen = new DeploymentScreen(page);
    await screen.load('models:/tracking-quickstart/99', '');
    await screen.slot('Next').getByText('was not loaded').waitFor();
    found.push(...(await faultsOf(page, 'a failed load')));
    expect(found).toEqual([]);
  }, 120_000);

  it('has nothing that axe finds at the sign-in', async () => {
    const guarded = await ServerUnderTest.withTokens();
    try {
      const { page, expectFailures } = await open();
      expectFailures('401 /session');
      await page.goto(`${guarded.url}/dashboard/`);
      await page.getByLabel(/^Token/).fill('of nobody');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
      expect(await faultsOf(page, 'sign-in')).toEqual([]);
    } finally {
      await guarded.stop();
    }
  }, 120_000);

  it('[case 144] sends its page with a policy that takes no inline script', async () => {
    const answer = await fetch(`${server.url}/dashboard/`);
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(await answer.text()).not.toMatch(/<script(?![^>]* src=)/);
  });
});
