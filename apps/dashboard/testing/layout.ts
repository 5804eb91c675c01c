/** jsdom lays nothing out: gives elements a height, so that a list that draws what is in sight has a sight. */
export function layOut(heightOf: (element: HTMLElement) => number): void {
  for (const height of ['offsetHeight', 'clientHeight'])
    Object.defineProperty(HTMLElement.prototype, height, {
      configurable: true,
      get(this: HTMLElement) {
        return heightOf(this);
      },
    });
}
