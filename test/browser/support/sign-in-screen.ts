import type { Locator, Page } from 'playwright-core';

export class SignInScreen {
  readonly token: Locator;
  readonly submit: Locator;

  constructor(readonly page: Page) {
    this.token = page.getByLabel(/^Token/);
    this.submit = page.getByRole('button', { name: 'Sign in' });
  }

  async signIn(token: string): Promise<void> {
    await this.token.fill(token);
    await this.submit.click();
  }
}

export const signOutButton = (page: Page): Locator => page.getByRole('button', { name: 'Sign out' });
