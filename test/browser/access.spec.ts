import { type BrowserWindow, withChromium } from './support/chromium';
import { DeploymentScreen } from './support/deployment-screen';
import { takePicture } from './support/pictures';
import { ADMIN_TOKEN, ServerUnderTest } from './support/server-under-test';
import { SignInScreen, signOutButton } from './support/sign-in-screen';

/** Who comes in and what each may do there, on a real server that asks for tokens. */

const HISTORY = '/dashboard/history';
const DEPLOYMENT = '/dashboard/deployments/default';
const MAY_NOT = 'Your token may look but not change anything.';

withChromium('the dashboard of a server that asks for tokens', (open: () => Promise<BrowserWindow>) => {
  let server: ServerUnderTest;

  beforeAll(async () => {
    server = await ServerUnderTest.withTokens();
  });

  afterAll(async () => {
    await server.stop();
  });

  /** A window that is signed in with `token` and shows `path`. */
  async function openAs(token: string, path: string): Promise<BrowserWindow> {
    const window = await open();
    window.expectFailures('401 /session');
    await window.page.goto(`${server.url}${path}`);
    await new SignInScreen(window.page).signIn(token);
    await signOutButton(window.page).waitFor();
    return window;
  }

  it('says what to do without a token, refuses a wrong one, and lets in and out with the right one', async () => {
    const { page, expectFailures } = await open();
    expectFailures('401 /session');
    await page.goto(`${server.url}/dashboard/`);
    const screen = new SignInScreen(page);
    await page.getByText('Ask whoever runs this server: an administrator creates one under Access').waitFor();
    await page.getByText('start the server with UNDERSTUDY_ADMIN_TOKEN set').waitFor();
    expect(await page.getByText(/session ended/).count()).toBe(0);
    await takePicture(page, 'dashboard-sign-in.png');

    await screen.signIn('not-the-token-of-anybody');
    await page.getByRole('alert').waitFor();
    expect(await screen.token.inputValue()).toBe('not-the-token-of-anybody');

    await screen.signIn(ADMIN_TOKEN);
    await page.getByText('admin (UNDERSTUDY_ADMIN_TOKEN) · administrator').waitFor();
    await new DeploymentScreen(page).slot('Current').getByText('tracking-quickstart v1').waitFor();

    await signOutButton(page).click();
    await screen.token.waitFor();
    // Whoever left knows why.
    expect(await page.getByText(/session ended/).count()).toBe(0);
    await page.reload();
    await screen.token.waitFor();
  });

  it('takes somebody whose token was revoked to the sign-in with a word why, and back to the page afterwards', async () => {
    const { id, token } = await server.createToken('leaving', ['view']);
    const { page, expectFailures } = await openAs(token, HISTORY);
    await page.getByRole('heading', { name: 'History', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Replicas' }).click();
    await page.getByRole('heading', { name: 'Replicas and system', level: 1 }).waitFor();
    expectFailures(/^401 /);

    await server.ask('DELETE', `/tokens/${id}`);
    const screen = new SignInScreen(page);
    await page.getByRole('alert').filter({ hasText: 'Your session ended' }).waitFor();

    await screen.signIn((await server.createToken('back again', ['view'])).token);
    await page.getByRole('heading', { name: 'Replicas and system', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/dashboard/replicas');
  });

  it('tells somebody who may only predict what is needed here, and asks the server for nothing else', async () => {
    const { token } = await server.createToken('a program', ['predict']);
    const { page } = await openAs(token, DEPLOYMENT);
    await page.getByRole('heading', { name: 'This token may not look at the dashboard', level: 1 }).waitFor();
    await page.getByText('a program · predict').waitFor();
    await page.getByText(/a token that has the scope "view"/).waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    await takePicture(page, 'dashboard-predict-only.png');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Understudy', level: 1 }).waitFor();
  });

  it('shows somebody who may view everything but tokens, each action disabled with its reason', async () => {
    const { token } = await server.createToken('a colleague', ['view']);
    const { page } = await openAs(token, DEPLOYMENT);
    const screen = new DeploymentScreen(page);
    await page.getByText('a colleague · viewer').waitFor();
    const buttons = page.getByRole('region', { name: 'What can be done' }).getByRole('button');
    await buttons.first().waitFor();
    expect(await buttons.count()).toBe(4);
    for (const button of await buttons.all()) expect(await button.isDisabled()).toBe(true);
    expect(await page.getByText(MAY_NOT).count()).toBeGreaterThanOrEqual(4);
    expect(await page.getByRole('textbox', { name: /^Share of requests/ }).isDisabled()).toBe(true);
    await screen.slot('Current').getByText('tracking-quickstart v1').waitFor();

    await page.getByRole('tab', { name: 'Try it' }).click();
    await page.getByText('Your token may not ask for predictions.').waitFor();
    expect(await page.getByRole('button', { name: /^Ask/ }).isDisabled()).toBe(true);

    await page.getByRole('link', { name: 'Registry' }).click();
    await page.getByText(MAY_NOT).waitFor();
    await page.getByRole('link', { name: 'Access' }).click();
    await page.getByText('Tokens are for administrators.').waitFor();
  });

  it('lets somebody who operates change what is served, and not who may come in', async () => {
    const { token } = await server.createToken('on call', ['operate']);
    const { page } = await openAs(token, DEPLOYMENT);
    const screen = new DeploymentScreen(page);
    await page.getByText('on call · operator').waitFor();
    await screen.load('models:/tracking-quickstart/2', 'mine');
    await screen.slot('Next').getByText('tracking-quickstart v2').waitFor();
    const last = page.getByRole('region', { name: 'What happened last' });
    await last.getByText('“mine”').waitFor();
    expect(await last.innerText()).toContain('on call');
    await page.getByRole('link', { name: 'Access' }).click();
    await page.getByText('Tokens are for administrators.').waitFor();
  });

  it('lets an administrator create a token, shows it once, and revokes it', async () => {
    const { page } = await openAs(ADMIN_TOKEN, '/dashboard/access');
    await page.getByRole('button', { name: 'New token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('nightly batch');
    await dialog.getByRole('button', { name: 'Create token' }).click();
    const token = await dialog.getByTestId('token').innerText();
    await dialog.getByRole('button', { name: 'I have it' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await page.getByText(token).count()).toBe(0);
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const body = JSON.stringify({ data: [[5.1, 3.5, 1.4, 0.2]] });
    const predict = async (): Promise<number> =>
      (await fetch(`${server.url}/predict`, { method: 'POST', headers, body })).status;
    expect(await predict()).toBe(200);

    await page.getByRole('button', { name: 'Revoke nightly batch' }).click();
    await dialog.getByRole('button', { name: 'Revoke nightly batch' }).click();
    await page.getByText('nightly batch').first().waitFor({ state: 'detached' });
    await page.getByLabel('Also revoked and expired').click();
    await page
      .getByRole('row', { name: /nightly batch/ })
      .getByText('revoked')
      .waitFor();
    expect(await predict()).toBe(401);
  });
});
