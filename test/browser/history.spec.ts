import { type BrowserWindow, withChromium } from './support/chromium';
import { ServerUnderTest } from './support/server-under-test';

/** What somebody looks for in the audit trail stands in the address, so that it can be sent to somebody else. */

withChromium('the history on the screen', (open: () => Promise<BrowserWindow>) => {
  let server: ServerUnderTest;

  beforeAll(async () => {
    server = await ServerUnderTest.start();
    await server.loadNext('models:/tracking-quickstart/2');
  });

  afterAll(async () => {
    await server.stop();
  });

  it('is of the days in the address, says where nothing happened in them, and keeps those that are chosen', async () => {
    const { page } = await open();
    await page.goto(`${server.url}/dashboard/history?since=2001-01-01&until=2001-01-31`);
    await page.getByText('Nothing happened from 1 Jan 2001 to 31 Jan 2001.').waitFor();
    const entry = page.getByRole('button', { name: /loaded next/ });

    await page.getByLabel('Until').fill('');
    await entry.waitFor();
    expect(new URL(page.url()).search).toBe('?since=2001-01-01');
    await page.getByLabel('Person').fill('nobody');
    await page.getByText('Nothing that fits this filter happened since 1 Jan 2001.').waitFor();
    await page.reload();
    await page.getByText('Nothing that fits this filter happened since 1 Jan 2001.').waitFor();
    expect(await page.getByLabel('Person').inputValue()).toBe('nobody');

    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await entry.waitFor();
    await page.waitForURL(`${server.url}/dashboard/history`);
    expect(await page.getByLabel('Since').inputValue()).toBe('');
  }, 120_000);
});
