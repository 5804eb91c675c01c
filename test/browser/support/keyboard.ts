import type { Locator, Page } from 'playwright-core';

const MOST_STOPS = 120;

/** Whether what has the focus shows it: an outline, or the caret of a field. */
const SHOWS_FOCUS = `(() => {
  const focused = document.activeElement;
  const outlined = [focused, focused.nextElementSibling, focused.parentElement].some((element) => {
    if (element === null) return false;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
  });
  const writes = focused.matches('textarea, input:not([type=checkbox], [type=radio], [type=button])');
  return outlined || writes || focused === document.body || focused.id === 'content'
    ? null
    : focused.outerHTML.slice(0, 200);
})()`;

/** Somebody without a mouse. */
export class Keyboard {
  constructor(private readonly page: Page) {}

  /** Goes there with Tab alone; each stop on the way must show that it has the focus. */
  async to(target: Locator): Promise<void> {
    await target.waitFor({ state: 'attached' });
    for (let stops = 0; stops < MOST_STOPS; stops++) {
      if (await hasFocus(target)) return;
      await this.page.keyboard.press('Tab');
      const dark = await this.page.evaluate<string | null>(SHOWS_FOCUS);
      if (dark !== null) throw new Error(`this has the focus and does not show it: ${dark}`);
    }
    throw new Error(`${target.toString()} is not reached with ${MOST_STOPS} presses of Tab`);
  }

  async press(target: Locator): Promise<void> {
    await this.to(target);
    await this.page.keyboard.press('Enter');
  }

  async expectFocus(target: Locator): Promise<void> {
    // Dialogs take the focus, and give it back, a frame after they open and close.
    const deadline = performance.now() + 5_000;
    while (!(await hasFocus(target))) {
      if (performance.now() > deadline) throw new Error(`${target.toString()} has not the focus`);
      await this.page.evaluate('new Promise(requestAnimationFrame)');
    }
  }
}

async function hasFocus(target: Locator): Promise<boolean> {
  return (await target.count()) === 1 && (await target.and(target.page().locator(':focus')).count()) === 1;
}
