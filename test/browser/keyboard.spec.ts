import type { Page } from 'playwright-core';
import { type BrowserWindow, withChromium } from './support/chromium';
import { DeploymentScreen } from './support/deployment-screen';
import { Keyboard } from './support/keyboard';
import { ADMIN_TOKEN, ServerUnderTest } from './support/server-under-test';

/** Everything without a mouse: what is reached with Tab shows that it is, and a question starts on the answer that changes nothing. */

withChromium('the dashboard by keyboard alone', (open: () => Promise<BrowserWindow>) => {
  let server: ServerUnderTest;

  beforeAll(async () => {
    server = await ServerUnderTest.withTokens();
  });

  afterAll(async () => {
    await server.stop();
  });

  async function signIn(): Promise<Page> {
    const { page, expectFailures } = await open();
    expectFailures('401 /session');
    await page.goto(`${server.url}/dashboard/`);
    await page.getByLabel(/^Token/).waitFor();
    // The field has the focus already.
    await page.keyboard.type(ADMIN_TOKEN);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    return page;
  }

  it('signs in, takes a version through the canary and back, and signs out', async () => {
    const page = await signIn();
    const screen = new DeploymentScreen(page);
    const keyboard = new Keyboard(page);
    await screen.slot('Current').getByText('tracking-quickstart v1').waitFor();

    await keyboard.press(screen.action('Load next…'));
    await keyboard.expectFocus(screen.dialog.getByRole('button', { name: 'Cancel' }));
    await page.keyboard.press('Escape');
    await screen.dialog.waitFor({ state: 'hidden' });
    await keyboard.expectFocus(screen.action('Load next…'));
    await page.keyboard.press('Enter');
    await keyboard.to(screen.versionField);
    await page.keyboard.type('models:/tracking-quickstart/3');
    await keyboard.press(screen.dialog.getByRole('button', { name: 'Load models:/tracking-quickstart/3' }));
    await screen.slot('Next').getByText('tracking-quickstart v3').waitFor();

    await keyboard.to(page.getByRole('slider'));
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toBe('current 90 % · next 10 %');
    await keyboard.press(page.getByRole('button', { name: 'Apply…' }));
    await keyboard.expectFocus(screen.dialog.getByRole('button', { name: 'Cancel' }));
    await keyboard.press(screen.dialog.getByRole('button', { name: 'Set current 90 % · next 10 %' }));
    await screen.slot('Next').getByText('answers 10 %').waitFor();

    await keyboard.press(screen.action('Promote tracking-quickstart v3…'));
    await keyboard.expectFocus(screen.dialog.getByRole('button', { name: 'Cancel' }));
    await keyboard.press(screen.dialog.getByRole('button', { name: 'Promote tracking-quickstart v3' }));
    await screen.slot('Current').getByText('tracking-quickstart v3').waitFor();

    await keyboard.press(screen.action('Roll back to tracking-quickstart v1…'));
    await keyboard.expectFocus(screen.dialog.getByRole('button', { name: 'Cancel' }));
    await keyboard.press(screen.dialog.getByRole('button', { name: 'Roll back to tracking-quickstart v1' }));
    await screen.slot('Current').getByText('tracking-quickstart v1').waitFor();

    await keyboard.press(page.getByRole('button', { name: 'Sign out' }));
    await page.getByLabel(/^Token/).waitFor();
  }, 120_000);

  it('goes to every page, past the navigation, and through the tabs of a deployment', async () => {
    const page = await signIn();
    const keyboard = new Keyboard(page);
    for (const [link, title] of [
      ['Registry', 'Registry'],
      ['History', 'History'],
      ['Replicas', 'Replicas and system'],
      ['Access', 'Access'],
      ['Deployments', 'default'],
    ] as const) {
      await keyboard.press(page.getByRole('link', { name: link, exact: true }));
      await page.getByRole('heading', { name: title, level: 1, exact: true }).waitFor();
    }
    await keyboard.press(page.getByRole('link', { name: 'Skip to content' }));
    await keyboard.to(page.getByRole('tab', { name: 'Now' }));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await keyboard.press(page.getByRole('button', { name: /^Ask/ }));
    await page.getByRole('region', { name: 'Answers' }).getByText(/\d/).first().waitFor();
    expect(new URL(page.url()).search).toBe('?tab=try-it');
  }, 120_000);

  it('creates a token and revokes it', async () => {
    const page = await signIn();
    const keyboard = new Keyboard(page);
    const dialog = page.getByRole('dialog');
    await keyboard.press(page.getByRole('link', { name: 'Access', exact: true }));
    await keyboard.press(page.getByRole('button', { name: 'New token' }));
    await keyboard.expectFocus(dialog.getByRole('button', { name: 'Cancel' }));
    await keyboard.to(dialog.getByLabel('Name'));
    await page.keyboard.type('by keyboard');
    await keyboard.press(dialog.getByRole('button', { name: 'Create token' }));
    await keyboard.press(dialog.getByRole('button', { name: 'I have it' }));
    await keyboard.press(page.getByRole('button', { name: 'Revoke by keyboard' }));
    await keyboard.expectFocus(dialog.getByRole('button', { name: 'Cancel' }));
    await keyboard.press(dialog.getByRole('button', { name: 'Revoke by keyboard' }));
    const row = page.getByRole('row', { name: /by keyboard/ });
    await row.waitFor({ state: 'detached' });
    await keyboard.to(page.getByLabel('Also revoked and expired'));
    await page.keyboard.press('Space');
    await row.getByText('revoked').waitFor();
    expect(await row.getByRole('button').count()).toBe(0);
  }, 120_000);
});
