import type { Page } from 'playwright-core';
import { CONFIRMATION, faultsOf, settled } from './support/accessibility';
import { type BrowserWindow, withChromium } from './support/chromium';
import { DeploymentScreen } from './support/deployment-screen';
import { takePicture } from './support/pictures';
import { ADMIN_TOKEN, ServerUnderTest } from './support/server-under-test';
import { SignInScreen, signOutButton } from './support/sign-in-screen';

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

const PHONE = 360;

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

  it('has nothing that axe finds where a change is confirmed', async () => {
    await server.loadNext('models:/tracking-quickstart/2');
    const page = await openPage('/dashboard/');
    const screen = new DeploymentScreen(page);
    await page.getByRole('button', { name: 'Next 10 %' }).click();
    await page.getByRole('button', { name: 'Apply…' }).click();
    const found = await faultsOf(page, 'split', CONFIRMATION);
    await page.keyboard.press('Escape');
    await screen.action('Promote tracking-quickstart v2…').click();
    found.push(...(await faultsOf(page, 'promote', CONFIRMATION)));
    await screen.confirm('Promote tracking-quickstart v2', '');
    await screen.action('Roll back to tracking-quickstart v1…').click();
    found.push(...(await faultsOf(page, 'roll back', CONFIRMATION)));
    expect(found).toEqual([]);
  }, 120_000);

  it('has nothing that axe finds in a comparison of versions and in the menu of a phone', async () => {
    const page = await openPage('/dashboard/registry?model=tracking-quickstart');
    for (const version of ['v1', 'v2']) await page.getByRole('checkbox', { name: `Compare ${version}` }).check();
    await page.getByRole('region', { name: 'Comparison' }).waitFor();
    const found = await faultsOf(page, 'comparison', { within: '[aria-label=Comparison]' });
    await page.setViewportSize({ width: PHONE, height: 900 });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('link', { name: 'Replicas' }).waitFor();
    found.push(...(await faultsOf(page, 'menu', { widths: [PHONE] })));
    expect(found).toEqual([]);
  }, 120_000);

  it('has nothing that axe finds on the overview of several deployments', async () => {
    const others = ['churn', 'fraud-score-of-the-checkout'];
    const [current, next] = ['models:/tracking-quickstart/3', 'models:/tracking-quickstart/2'];
    for (const name of others)
      await server.ask('PUT', `/deployments/${name}`, { current, next, canaryProbability: 0.9, reason: 'a try' });
    for (let time = 0; time < 40; time++)
      await server.ask('POST', `/deployments/${others[time % 2] ?? ''}/predict`, { data: [[5.1, 3.5, 1.4, 0.2]] });
    const page = await openPage('/dashboard/');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('article').filter({ hasText: 'churn' }).getByText('/s').first().waitFor();
    await settled(page);
    await takePicture(page, 'dashboard-overview.png');
    expect(await faultsOf(page, 'overview')).toEqual([]);
    for (const name of others) await server.ask('DELETE', `/deployments/${name}`);
  }, 120_000);

  describe('on a server that asks for tokens', () => {
    let guarded: ServerUnderTest;

    beforeAll(async () => {
      guarded = await ServerUnderTest.withTokens();
    });

    afterAll(async () => {
      await guarded.stop();
    });

    async function signInWith(token: string): Promise<Page> {
      const { page, expectFailures } = await open();
      expectFailures(/^401 /, /^ERR_/);
      await page.goto(`${guarded.url}/dashboard/`);
      await new SignInScreen(page).signIn(token);
      return page;
    }

    it('has nothing that axe finds at the sign-in, nor when the session ended', async () => {
      const stranger = await signInWith('of nobody');
      await stranger.getByRole('alert').waitFor();
      const found = await faultsOf(stranger, 'sign-in');
      const { id, token } = await guarded.createToken('leaving', ['view']);
      const page = await signInWith(token);
      await signOutButton(page).waitFor();
      await guarded.ask('DELETE', `/tokens/${id}`);
      await page.getByRole('alert').filter({ hasText: 'Your session ended' }).waitFor();
      found.push(...(await faultsOf(page, 'session ended')));
      expect(found).toEqual([]);
    }, 120_000);

    it('has nothing that axe finds for whoever may only predict, and where the server was lost', async () => {
      const program = await signInWith((await guarded.createToken('a program', ['predict'])).token);
      await program.getByRole('heading', { name: 'This token may not look at the dashboard', level: 1 }).waitFor();
      const found = await faultsOf(program, 'may only predict');
      const page = await signInWith(ADMIN_TOKEN);
      await new DeploymentScreen(page).slot('Current').getByText('tracking-quickstart v1').waitFor();
      await guarded.kill();
      await page.getByText(/^Live updates lost/).waitFor();
      found.push(...(await faultsOf(page, 'data is old')));
      expect(found).toEqual([]);
    }, 120_000);
  });

  it('[case 144] sends its page with a policy that takes no inline script', async () => {
    const answer = await fetch(`${server.url}/dashboard/`);
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(await answer.text()).not.toMatch(/<script(?![^>]* src=)/);
  });
});
