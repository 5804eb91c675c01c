/** What components ask of a browser and jsdom does not have. */
class NoResizes {
  observe(): void {
    // nothing is laid out here
  }
  unobserve(): void {
    // nothing is laid out here
  }
  disconnect(): void {
    // nothing is laid out here
  }
}

Object.assign(window, {
  scrollTo: () => undefined,
  ResizeObserver: NoResizes,
  matchMedia: (media: string) => ({
    media,
    matches: false,
    onchange: null,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
    dispatchEvent: () => false,
  }),
});
Object.assign(document, { fonts: new EventTarget() });
Object.assign(Element.prototype, { scrollIntoView: () => undefined });
