import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Pictures of the documentation are taken by the test that sees the page work: UPDATE_PICTURES=1 npm run test:browser. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['UPDATE_PICTURES'] === undefined ? '.cache/pictures' : 'docs/images';
  mkdirSync(join(process.cwd(), folder), { recursive: true });
  await page.screenshot({ path: join(process.cwd(), folder, name), animations: 'disabled' });
}
