import type { Page } from 'playwright-core';
import { type BrowserWindow, withChromium } from './support/chromium';
import { DeploymentScreen } from './support/deployment-screen';
import { Keyboard } from './support/keyboard';
import { takePicture } from './support/pictures';
import { ServerUnderTest } from './support/server-under-test';
import { SignInScreen, signOutButton } from './support/sign-in-screen';

/** A session that ends by time while somebody is in the middle of something. */

/** Long enough to come in and write a few words, on a busy machine too. */
const SESSION_MS = 10_000;
const URI = 'models:/tracking-quickstart/2';

withChromium('a session that expires', (open: () => Promise<BrowserWindow>) => {
  let server: ServerUnderTest;
  let token: string;

  beforeAll(async () => {
    server = await ServerUnderTest.withTokens({ UNDERSTUDY_SESSION_MS: String(SESSION_MS) });
    ({ token } = await server.createToken('on call', ['operate']));
  });

  afterAll(async () => {
    await server.stop();
  });

  async function openPage(path: string): Promise<Page> {
    const { page, expectFailures } = await open();
    // Whatever asks first says that the session ended.
    expectFailures(/^401 /);
    await page.goto(`${server.url}${path}`);
    await new SignInScreen(page).signIn(token);
    await signOutButton(page).waitFor();
    return page;
  }

  const untilEnded = async (page: Page): Promise<void> => {
    await page
      .getByRole('alert')
      .filter({ hasText: 'Your session ended' })
      .waitFor({ timeout: 2 * SESSION_MS });
  };

  it('says so, and leads back to the open dialog with every word that was typed, by keyboard alone', async () => {
    const page = await openPage('/dashboard/');
    const screen = new DeploymentScreen(page);
    const keyboard = new Keyboard(page);
    await keyboard.press(screen.action('Load next…'));
    await keyboard.to(screen.versionField);
    await page.keyboard.type(URI);
    await keyboard.to(screen.dialog.getByLabel('Reason'));
    await page.keyboard.type('half a sentence');

    await untilEnded(page);
    await takePicture(page, 'dashboard-session-ended.png');
    // Nothing of what is served is in sight until somebody is known to be there.
    expect(await page.locator('body').innerText()).not.toContain('tracking-quickstart');
    await keyboard.expectFocus(page.getByLabel(/^Token/));
    await page.keyboard.type(token);
    await page.keyboard.press('Enter');

    await screen.dialog.waitFor();
    expect(await screen.versionField.inputValue()).toBe(URI);
    expect(await screen.dialog.getByLabel('Reason').inputValue()).toBe('half a sentence');
    await keyboard.press(screen.dialog.getByRole('button', { name: `Load ${URI}` }));
    await screen.slot('Next').getByText('tracking-quickstart v2').waitFor();
    await page.getByRole('region', { name: 'What happened last' }).getByText('“half a sentence”').waitFor();
  }, 120_000);

  it('leads back to the same page, and shows somebody else nothing of what was typed', async () => {
    const path = '/dashboard/deployments/default?tab=try-it';
    const page = await openPage(path);
    const field = page.getByRole('main').getByRole('textbox').first();
    await field.waitFor();
    const example = await field.inputValue();
    await field.fill('42');

    await untilEnded(page);
    await new SignInScreen(page).signIn((await server.createToken('somebody else', ['operate'])).token);
    await page.getByText('somebody else · operator').waitFor();
    await field.waitFor();
    expect(await field.inputValue()).toBe(example);
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(path);
  }, 120_000);
});
