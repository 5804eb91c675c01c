import { RunningServer } from '../support/running-server';
import { type BrowserWindow, withChromium } from './support/chromium';
import { takePicture } from './support/pictures';

/** Swagger UI in a real browser on the real server. */

withChromium('Swagger UI', (open: () => Promise<BrowserWindow>) => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await RunningServer.start();
  });

  afterAll(async () => {
    await server.stop();
  });

  it('answers a prediction when "Try it out" and "Execute" are pressed', async () => {
    const { page } = await open();
    await page.goto(`${server.url}/docs`);
    await page.getByText('Understudy', { exact: false }).first().waitFor();
    await takePicture(page, 'swagger.png');
    const predict = page.locator('.opblock-post', { has: page.locator('[data-path="/predict"]') });
    await predict.locator('.opblock-summary-control').click();
    await predict.getByRole('button', { name: 'Try it out' }).click();
    await predict.getByRole('button', { name: 'Execute' }).click();
    const answer = predict.locator('.live-responses-table .response');
    await answer.waitFor();
    expect(await answer.locator('.response-col_status').innerText()).toMatch(/^200/);
    const body = await answer.locator('.response-col_description pre').first().innerText();
    expect(JSON.parse(body.replace(/\u00a0/g, ' '))).toEqual({ predictions: [0, 2], model_used: 'current' });
    await predict.scrollIntoViewIfNeeded();
    await takePicture(page, 'swagger-try-it-out.png');
  });

  it('[case 146] ignores a document that the address asks for', async () => {
    const { page } = await open();
    await page.goto(
      `${server.url}/docs?url=http://127.0.0.1:1/evil.json&configUrl=http://127.0.0.1:1/evil-config.json`,
    );
    await page.locator('.opblock').first().waitFor();
    expect(await page.locator('.info .title').innerText()).toContain('Understudy');
  });
});
