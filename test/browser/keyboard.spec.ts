import type { Page } from 'playwright-core';
import { type BrowserWindow, withChromium } from './support/chromium';
import { DeploymentScreen } from './support/deployment-screen';
import { Keyboard } from './support/keyboard';
import { ADMIN_TOKEN, ServerUnderTest } from './support/server-under-test';
import { signOutButton } from './support/sign-in-screen';

/** Everything without a mouse: what is reached with Tab shows that it is, and a question starts on the answer that changes nothing. */

withChromium('the dashboard by keyboard alone', (open: () => Promise<BrowserWindow>) => {
  let server: ServerUnderTest;

  beforeAll(async () => {
    server = await ServerUnderTest.withTokens();
  });

  afterAll(async () => {
    await server.stop();
  });

  async function signInAs(token: string): Promise<BrowserWindow> {
    const window = await open();
    const { page, expectFailures } = window;
    expectFailures('401 /session');
    await page.goto(`${server.url}/dashboard/`);
    await page.getByLabel(/^Token/).waitFor();
    // The field has the focus already.
    await page.keyboard.type(token);
    await page.keyboard.press('Enter');
    await signOutButton(page).waitFor();
    return window;
  }

  const signIn = async (): Promise<Page> => (await signInAs(ADMIN_TOKEN)).page;

  /** A window of its own on the deployment. */
  async function openDeployment(token = ADMIN_TOKEN): Promise<Desk> {
    const { page, expectFailures } = await signInAs(token);
    return { page, expectFailures, screen: new DeploymentScreen(page), keyboard: new Keyboard(page) };
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

    await keyboard.press(signOutButton(page));
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

  it('reads why a load failed, begins it again, and puts it away', async () => {
    const { page, screen, keyboard } = await openDeployment();
    await keyboard.press(screen.action('Load next…'));
    await keyboard.to(screen.versionField);
    await page.keyboard.type('models:/tracking-quickstart/99');
    await keyboard.press(screen.dialog.getByRole('button', { name: 'Load models:/tracking-quickstart/99' }));
    const next = screen.slot('Next');
    await next.getByText('models:/tracking-quickstart/99 was not loaded').waitFor();

    const again = next.getByRole('button', { name: 'Load again…' });
    await keyboard.press(again);
    await keyboard.expectFocus(screen.dialog.getByRole('button', { name: 'Cancel' }));
    expect(await screen.versionField.inputValue()).toBe('models:/tracking-quickstart/99');
    await page.keyboard.press('Escape');
    await keyboard.expectFocus(again);
    await keyboard.press(next.getByRole('button', { name: 'Dismiss' }));
    await next.getByText('was not loaded').waitFor({ state: 'detached' });
    await keyboard.expectFocus(page.getByRole('main'));
  }, 120_000);

  it('is refused what somebody else changed meanwhile, and decides again', async () => {
    await server.loadNext('models:/tracking-quickstart/3');
    const [one, other] = [await openDeployment(), await openDeployment()];
    await askForSplit(other, 25);
    await askForSplit(one, 50);
    await one.keyboard.press(one.screen.dialog.getByRole('button', { name: 'Set current 50 % · next 50 %' }));
    await one.screen.slot('Next').getByText('answers 50 %').waitFor();

    other.expectFailures('412 /deployments/default/set-canary-probability');
    const set = other.screen.dialog.getByRole('button', { name: 'Set current 75 % · next 25 %' });
    await other.keyboard.press(set);
    await other.screen.dialog.getByRole('alert').getByText('Somebody else changed it meanwhile').waitFor();
    // Whoever pressed it is still where they were.
    await other.keyboard.expectFocus(set);
    await other.page.keyboard.press('Escape');
    await other.keyboard.expectFocus(other.page.getByRole('button', { name: 'Apply…' }));
    await other.screen.slot('Next').getByText('answers 50 %').waitFor();
    // And so is the split that they had in mind.
    expect(await other.page.getByRole('slider').getAttribute('aria-valuetext')).toBe('current 75 % · next 25 %');
    await other.page.keyboard.press('Enter');
    await other.keyboard.press(set);
    await other.screen.slot('Next').getByText('answers 25 %').waitFor();
  }, 120_000);

  it('asks for a change of a server that was killed, is told so, and asks again when it is back', async () => {
    await server.loadNext('models:/tracking-quickstart/3');
    const { page, screen, keyboard, expectFailures } = await openDeployment();
    expectFailures(/^ERR_/);
    await keyboard.press(screen.action('Promote tracking-quickstart v3…'));
    const promote = screen.dialog.getByRole('button', { name: 'Promote tracking-quickstart v3' });
    await keyboard.to(screen.dialog.getByLabel('Reason'));
    await page.keyboard.type('before the crash');

    await server.kill();
    await keyboard.press(promote);
    await screen.dialog
      .getByRole('alert')
      .getByText(/^The server does not answer/)
      .waitFor();
    await server.startAgain();
    expect(await screen.dialog.getByLabel('Reason').inputValue()).toBe('before the crash');
    await keyboard.expectFocus(promote);
    await page.keyboard.press('Enter');
    await screen.slot('Current').getByText('tracking-quickstart v3').waitFor();
    await page.getByText(/^Live updates lost/).waitFor({ state: 'detached' });
  }, 120_000);

  it('leaves where it may only predict', async () => {
    const { page, keyboard } = await openDeployment((await server.createToken('a program', ['predict'])).token);
    await page.getByRole('heading', { name: 'This token may not look at the dashboard', level: 1 }).waitFor();
    await keyboard.press(signOutButton(page));
    await keyboard.expectFocus(page.getByLabel(/^Token/));
    expect(await page.getByRole('alert').count()).toBe(0);
  }, 120_000);

  it('goes past what it may not do where it may only look, and reads what happened', async () => {
    const { page, keyboard } = await openDeployment((await server.createToken('looks', ['view'])).token);
    const buttons = page.getByRole('region', { name: 'What can be done' }).getByRole('button');
    await buttons.first().waitFor();
    for (const button of await buttons.all()) expect(await button.isDisabled()).toBe(true);
    await keyboard.press(page.getByRole('link', { name: 'Whole history' }));
    const entry = page.getByRole('button', { name: /loaded next/ }).first();
    await keyboard.press(entry);
    await page.getByRole('button', { name: 'Return to this state…' }).first().waitFor();
    await keyboard.press(page.getByRole('link', { name: 'Access', exact: true }));
    await page.getByText('Tokens are for administrators.').waitFor();
  }, 120_000);

  it('changes what is served where it may operate, and takes it back', async () => {
    await server.loadNext('models:/tracking-quickstart/2');
    const { page, screen, keyboard } = await openDeployment((await server.createToken('on call', ['operate'])).token);
    await keyboard.press(screen.action('Promote tracking-quickstart v2…'));
    await keyboard.press(screen.dialog.getByRole('button', { name: 'Promote tracking-quickstart v2' }));
    await screen.slot('Current').getByText('tracking-quickstart v2').waitFor();
    await keyboard.press(screen.action(/^Roll back to /));
    await keyboard.press(screen.dialog.getByRole('button', { name: /^Roll back to / }));
    await screen.slot('Previous').getByText('tracking-quickstart v2').waitFor();
    const last = page.getByRole('region', { name: 'What happened last' });
    await last.getByText('rolled back').waitFor();
    expect(await last.innerText()).toContain('on call');
  }, 120_000);
});

interface Desk extends BrowserWindow {
  readonly screen: DeploymentScreen;
  readonly keyboard: Keyboard;
}

/** Up to the question, which is open then. */
async function askForSplit({ page, screen, keyboard }: Desk, percent: number): Promise<void> {
  await keyboard.press(page.getByRole('button', { name: `Next ${percent} %` }));
  await keyboard.press(page.getByRole('button', { name: 'Apply…' }));
  await keyboard.expectFocus(screen.dialog.getByRole('button', { name: 'Cancel' }));
}
