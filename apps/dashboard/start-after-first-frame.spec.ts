import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAfterFirstFrame } from './start-after-first-frame';

describe('the build', () => {
  const rewrite = (html: string): unknown =>
    (startAfterFirstFrame().transformIndexHtml as { handler: (html: string) => unknown }).handler(html);
  const ENTRY = '<script type="module" crossorigin src="/dashboard/assets/index-1.js"></script>';
  const IMPORT = '<link rel="modulepreload" crossorigin href="/dashboard/assets/react-2.js">';

  it('names the scripts for public/start.js, and has them fetched', () => {
    const fetched = (href: string) => ({
      tag: 'link',
      attrs: { rel: 'preload', as: 'script', crossorigin: true, href },
      injectTo: 'head',
    });
    expect(rewrite(`<head>\n  ${ENTRY}\n  ${IMPORT}\n</head>`)).toEqual({
      html: '<head>\n</head>',
      tags: [
        {
          tag: 'script',
          attrs: {
            defer: true,
            fetchpriority: 'high',
            src: '/dashboard/start.js',
            'data-entry': '/dashboard/assets/index-1.js',
          },
          injectTo: 'head',
        },
        fetched('/dashboard/assets/index-1.js'),
        fetched('/dashboard/assets/react-2.js'),
      ],
    });
  });

  it.each([
    ['no module script', `<head>${IMPORT}</head>`],
    ['two of them', `<head>${ENTRY}${ENTRY}</head>`],
    ['one that is written in another way', `<head>${ENTRY.replace('crossorigin ', '')}</head>`],
    ['an import that is written in another way', `<head>${ENTRY}${IMPORT.replace('crossorigin ', '')}</head>`],
  ])('ends where the page has %s', (_, html) => {
    expect(() => rewrite(html)).toThrow('expected one module script');
  });
});

describe('public/start.js', () => {
  const CODE = readFileSync(join(process.cwd(), 'apps', 'dashboard', 'public', 'start.js'), 'utf8');
  const FRAME = '<div class="first-frame"></div>';
  const ENTRY = '/dashboard/assets/index-1.js';

  function runIn(body: string): void {
    document.body.innerHTML = body;
    const script = document.createElement('script');
    script.textContent = CODE;
    script.dataset['entry'] = ENTRY;
    document.head.append(script);
  }

  const started = (): (string | null)[] =>
    [...document.querySelectorAll('script[type=module]')].map((script) => script.getAttribute('src'));

  const isNow = (visibilityState: DocumentVisibilityState): void => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: visibilityState });
    document.dispatchEvent(new Event('visibilitychange'));
  };

  const ofWindow = window.requestAnimationFrame.bind(window);
  let waiting: FrameRequestCallback[] = [];
  const drawFrame = (): void => {
    for (const callback of waiting.splice(0)) callback(performance.now());
  };
  const timersDue = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

  beforeEach(() => {
    waiting = [];
    window.requestAnimationFrame = (callback) => waiting.push(callback);
    isNow('visible');
  });

  afterEach(() => {
    window.requestAnimationFrame = ofWindow;
    Reflect.deleteProperty(document, 'visibilityState');
    document.head.replaceChildren();
  });

  it('starts the dashboard behind the first frame, not in it', async () => {
    runIn(FRAME);
    await timersDue();
    expect(started()).toEqual([]);
    drawFrame();
    expect(started()).toEqual([]);
    await timersDue();
    expect(started()).toEqual([ENTRY]);
  });

  it('waits for nothing in a hidden tab', () => {
    isNow('hidden');
    runIn(FRAME);
    expect(started()).toEqual([ENTRY]);
  });

  it('waits no longer in a tab that is hidden before its first frame, and starts once', async () => {
    runIn(FRAME);
    isNow('hidden');
    expect(started()).toEqual([ENTRY]);
    isNow('visible');
    drawFrame();
    await timersDue();
    expect(started()).toEqual([ENTRY]);
  });

  it('waits for nothing where the page has no frame to paint', () => {
    runIn('<div id="root"></div>');
    expect(started()).toEqual([ENTRY]);
  });
});
