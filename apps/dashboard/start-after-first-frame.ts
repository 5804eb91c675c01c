import type { HtmlTagDescriptor, Plugin } from 'vite';

/** As Vite writes them; what it writes otherwise one day ends the build below. */
const ENTRY = /\s*<script type="module" crossorigin src="([^"]+)"><\/script>/g;
const IMPORT = /\s*<link rel="modulepreload" crossorigin href="([^"]+)">/g;

/** Fetched at once and only that: what is named a module would be compiled too, beside the first frame. */
const fetched = (address: string): HtmlTagDescriptor => ({
  tag: 'link',
  attrs: { rel: 'preload', as: 'script', crossorigin: true, href: address },
});

const addresses = (html: string, tags: RegExp): readonly string[] =>
  [...html.matchAll(tags)].map(([, address = '']) => address);

/**
 * Has public/start.js start the dashboard, and no tag of the page: once its first frame is painted. The scripts stand behind the style
 * sheet, which that frame waits for.
 */
export const startAfterFirstFrame = (): Plugin => ({
  name: 'start-after-first-frame',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(html) {
      const [entry, ...others] = addresses(html, ENTRY);
      const rest = html.replace(ENTRY, '').replace(IMPORT, '');
      if (entry === undefined || others.length > 0 || /type="?module|modulepreload/.test(rest))
        throw new Error(`expected one module script and its modulepreload links as Vite writes them, found:\n${html}`);
      return {
        html: rest,
        tags: [
          // The browser would fetch what is deferred last, behind all that it is to start.
          {
            tag: 'script',
            attrs: { defer: true, fetchpriority: 'high', src: '/dashboard/start.js', 'data-entry': entry },
          },
          ...[entry, ...addresses(html, IMPORT)].map(fetched),
        ].map((tag) => ({ ...tag, injectTo: 'head' as const })),
      };
    },
  },
});
