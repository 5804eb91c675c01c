import type { Locator, Page } from 'playwright-core';

/** What a person sees and presses on the page of a deployment, by role and name. */
export class DeploymentScreen {
  readonly dialog: Locator;

  constructor(readonly page: Page) {
    this.dialog = page.getByRole('dialog');
  }

  slot(name: 'Current' | 'Next' | 'Previous'): Locator {
    return this.page.getByRole('region', { name, exact: true });
  }

  action(name: string | RegExp): Locator {
    return this.page.getByRole('region', { name: 'What can be done' }).getByRole('button', { name, exact: true });
  }

  /** The field of the load dialog; the list of suggestions below it has the same label. */
  get versionField(): Locator {
    return this.dialog.getByLabel('Version').and(this.page.locator('input'));
  }

  async load(uri: string, reason: string): Promise<void> {
    await this.action('Load next…').click();
    await this.versionField.fill(uri);
    await this.page.keyboard.press('Tab');
    await this.confirm(`Load ${uri}`, reason);
  }

  async split(percent: number, reason: string): Promise<void> {
    await this.page.getByRole('button', { name: `Next ${percent} %` }).click();
    await this.page.getByRole('button', { name: 'Apply…' }).click();
    await this.confirm(`Set current ${100 - percent} % · next ${percent} %`, reason);
    await this.slot('Next').getByText(`answers ${percent} %`).waitFor();
  }

  async promote(version: string, reason: string): Promise<void> {
    await this.action(`Promote ${version}…`).click();
    await this.confirm(`Promote ${version}`, reason);
    await this.slot('Current').getByText(version).waitFor();
  }

  async confirm(action: string, reason: string): Promise<void> {
    await this.dialog.getByLabel('Reason').fill(reason);
    await this.dialog.getByRole('button', { name: action, exact: true }).click();
    await this.dialog.waitFor({ state: 'hidden' });
  }
}
