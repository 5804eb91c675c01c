import { type BrowserWindow, withChromium } from './support/chromium';
import { DeploymentScreen } from './support/deployment-screen';
import { takePicture } from './support/pictures';
import { ServerUnderTest } from './support/server-under-test';

/** What somebody does with a deployment on the screen, on the real server. */

const V1 = 'tracking-quickstart v1';
const V3 = 'tracking-quickstart v3';
const URI_3 = 'models:/tracking-quickstart/3';

withChromium('a deployment on the screen', (open: () => Promise<BrowserWindow>) => {
  let server: ServerUnderTest;

  beforeEach(async () => {
    server = await ServerUnderTest.start();
  });

  afterEach(async () => {
    await server.stop();
  });

  async function openDeployment(): Promise<DeploymentScreen & BrowserWindow> {
    const window = await open();
    const screen = Object.assign(new DeploymentScreen(window.page), window);
    await screen.page.goto(`${server.url}/dashboard/`);
    await screen.slot('Current').getByText(V1).waitFor();
    return screen;
  }

  it('takes a version from loading to promotion and back, while predictions are asked for and the charts move', async () => {
    const screen = await openDeployment();
    const load = server.load();
    await screen.load(URI_3, 'weekly retraining');
    await screen.slot('Next').getByText(V3).waitFor();
    await screen.split(50, 'a first look');

    const chart = screen.page.getByRole('img', { name: 'Requests per second: current solid, next dashed' });
    await chart.waitFor();
    const counts = screen.page.getByText(/Rests on [\d,]+ \/ [1-9][\d,]* requests/);
    await counts.waitFor();
    const [drawing, words] = [await chart.innerHTML(), await counts.innerText()];
    await until(async () => (await counts.innerText()) !== words && (await chart.innerHTML()) !== drawing);
    expect(total(await counts.innerText())).toBeGreaterThan(total(words));
    await screen.page.setViewportSize({ width: 1440, height: 900 });
    await screen.page.evaluate('window.scrollTo(0, 0)');
    await takePicture(screen.page, 'dashboard-deployment.png');

    await screen.promote(V3, 'fewer errors');
    await screen.slot('Previous').getByText(V1).waitFor();
    await screen.action(`Roll back to ${V1}…`).click();
    await screen.confirm(`Roll back to ${V1}`, 'errors at night');
    await screen.slot('Current').getByText(V1).waitFor();
    await screen.slot('Current').getByText('answers 100 %').waitFor();

    // Throws where a single prediction was not answered.
    await load.stop();
    expect(await changes(server)).toEqual([
      ['roll-back', 'errors at night'],
      ['promote', 'fewer errors'],
      ['set-split', 'a first look'],
      ['load-next', 'weekly retraining'],
    ]);
  }, 120_000);

  it('takes the last split back with one press', async () => {
    const screen = await openDeployment();
    await screen.load(URI_3, '');
    await screen.slot('Next').getByText(V3).waitFor();
    await screen.split(10, '');
    await screen.split(25, 'too early');
    await screen.page.getByRole('button', { name: 'Undo: current 90 % · next 10 %' }).click();
    await screen.slot('Next').getByText('answers 10 %').waitFor();
    expect((await changes(server))[0]).toEqual(['set-split', 'Undo of the last split']);
  });

  it('shows a load that failed, with its sentence, its step and what to do, while current goes on', async () => {
    const screen = await openDeployment();
    await screen.load('models:/tracking-quickstart/99', '');
    const next = screen.slot('Next');
    await next.getByText('models:/tracking-quickstart/99 was not loaded').waitFor();
    await next.getByText('It ended at the step "Find the version". Current and next are as they were.').waitFor();
    // The server's own sentence says which versions there are.
    await next.getByText(/version 99.*tracking-quickstart/i).waitFor();
    await next.getByRole('listitem').filter({ hasText: 'failed here' }).getByText('Find the version').waitFor();
    await takePicture(screen.page, 'dashboard-failed-load.png');
    await server.predict();

    await next.getByRole('button', { name: 'Load again…' }).click();
    expect(await screen.versionField.inputValue()).toBe('models:/tracking-quickstart/99');
    await screen.page.keyboard.press('Escape');
    await next.getByRole('button', { name: 'Dismiss' }).click();
    await next.getByText(/tracking-quickstart v\d/).waitFor();
    await screen.slot('Current').getByText(V1).waitFor();

    // Another window knows of it until a load came to its end.
    const other = await openDeployment();
    await other.slot('Next').getByText('models:/tracking-quickstart/99 was not loaded').waitFor();
    await server.loadNext(URI_3);
    await other.slot('Next').getByText(V3).waitFor();
  });

  it('refuses a change that was decided on what is no longer so, says why, and lets the person go on', async () => {
    const first = await openDeployment();
    await first.load(URI_3, '');
    await first.slot('Next').getByText(V3).waitFor();
    const second = await openDeployment();
    await second.page.getByRole('button', { name: 'Next 25 %' }).click();
    await second.page.getByRole('button', { name: 'Apply…' }).click();
    await first.split(50, 'first');

    second.expectFailures('412 /deployments/default/set-canary-probability');
    await second.dialog.getByRole('button', { name: 'Set current 75 % · next 25 %' }).click();
    const refusal = second.dialog.getByRole('alert');
    await refusal.getByText('Somebody else changed it meanwhile').waitFor();
    await refusal.getByText(/^Nothing was done/).waitFor();
    await takePicture(second.page, 'dashboard-conflict.png');

    // What the first window did is here by now, and a decision on that is taken.
    await second.dialog.getByRole('button', { name: 'Cancel' }).click();
    await second.slot('Next').getByText('answers 50 %').waitFor();
    await second.split(25, 'second');
    await first.slot('Next').getByText('answers 25 %').waitFor();
    expect((await changes(server)).slice(0, 3)).toEqual([
      ['set-split', 'second'],
      // The refused one, which gave no reason.
      ['set-split', null],
      ['set-split', 'first'],
    ]);
  });

  it('says that it lost a server that was killed, keeps what it knew, and goes on by itself', async () => {
    const screen = await openDeployment();
    screen.expectFailures(/^ERR_/);
    await screen.load(URI_3, '');
    await screen.slot('Next').getByText(V3).waitFor();
    const lost = screen.page.getByRole('status').filter({ hasText: /Live updates lost \d+ s ago/ });

    await server.kill();
    await lost.waitFor();
    await screen.slot('Next').getByText(V3).waitFor();
    await takePicture(screen.page, 'dashboard-server-lost.png');

    await server.startAgain();
    await lost.waitFor({ state: 'detached' });
    await screen.promote(V3, 'after the crash');
    expect((await changes(server))[0]).toEqual(['promote', 'after the crash']);
  }, 120_000);
});

/** The requests of both arms in a sentence about them. */
const total = (words: string): number =>
  [...(/on ([\d,]+) \/ ([\d,]+)/.exec(words) ?? [])]
    .slice(1)
    .reduce((sum, count) => sum + Number(count.replaceAll(',', '')), 0);

async function until(condition: () => Promise<boolean>): Promise<void> {
  // The test's own time limit ends it.
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function changes(server: ServerUnderTest): Promise<readonly (readonly [string, string | null])[]> {
  const { events } = await server.ask<{ events: { action: string; origin: { reason: string | null } }[] }>(
    'GET',
    '/deployments/default/events?limit=4',
  );
  return events.map(({ action, origin }) => [action, origin.reason]);
}
