import type { Plugin, Rolldown } from 'vite';
import { texts } from './src/texts/en';

/** Where the page keeps the place of the frame. */
const PLACE = '<!--FIRST FRAME-->';

/** By the first part of the address below /dashboard. */
const TITLES: Readonly<Record<string, string>> = {
  '': texts.overview.title,
  registry: texts.registry.title,
  history: texts.history.title,
  replicas: texts.system.title,
  access: texts.access.title,
};

/** What the server puts the name of a deployment in place of, whose page has it for a title. */
const NAME_PLACE = 'DEPLOYMENT_NAME';

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0).toString()};`);

const frameOf = (title: string): string =>
  `<div class="first-frame"><header><img src="/dashboard/icon.svg" alt="" width="26" height="26">${escaped(texts.product)}</header>` +
  `<main aria-busy="true"><h1>${escaped(title)}</h1></main></div>`;

function addressOf(bundle: Rolldown.OutputBundle, name: string): string {
  const chunk = Object.values(bundle).find((one) => one.type === 'chunk' && one.name === name);
  if (chunk === undefined) throw new Error(`there is no ${name} in the bundle`);
  return `/dashboard/${chunk.fileName}`;
}

const fetched = (address: string): string => `<link rel="preload" as="script" crossorigin href="${address}">`;

/**
 * Where somebody is, in the page itself: shown while the scripts are still on their way. One page for each title, beside the one
 * without, and one whose title the server fills in; it sends the one that belongs to an address to whoever may look.
 */
export const firstFrames = (): Plugin => ({
  name: 'first-frames',
  apply: 'build',
  enforce: 'post',
  generateBundle(_, bundle) {
    const page = bundle['index.html'];
    if (page?.type !== 'asset') throw new Error('there is no index.html in the bundle');
    const html = String(page.source);
    if (!html.includes(PLACE)) throw new Error(`index.html has no ${PLACE}`);
    const emitPage = (fileName: string, title: string, of = html): void => {
      this.emitFile({ type: 'asset', fileName, source: of.replace(PLACE, frameOf(title)) });
    };
    for (const [address, title] of Object.entries(TITLES))
      emitPage(`pages/${address === '' ? 'index' : address}.html`, title);
    emitPage(
      'deployment.html',
      NAME_PLACE,
      html.replace('</head>', `${fetched(addressOf(bundle, 'deployment-page'))}</head>`),
    );
    page.source = html.replace(PLACE, '');
  },
});
