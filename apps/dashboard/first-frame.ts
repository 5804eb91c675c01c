import type { Plugin, Rolldown } from 'vite';
import { texts } from './src/texts/en';

/** Where the page keeps the place of the frame. */
const PLACE = '<!--FIRST FRAME-->';

interface Words {
  readonly title: string;
  readonly lead?: string;
}

/** By the first part of the address below /dashboard. */
const WORDS: Readonly<Record<string, Words>> = {
  '': { title: texts.overview.title },
  registry: texts.registry,
  history: texts.history,
  replicas: { title: texts.system.title },
  access: texts.access,
};

/** What the server puts the name of a deployment in place of, and what serves what there. */
const OF_DEPLOYMENT: Words = { title: 'DEPLOYMENT_NAME', lead: 'DEPLOYMENT_LEAD' };

/** What the server makes that sentence of: every text on screen is the dashboard's. */
const LEAD_WORDS = { ...texts.deployment.lead, percent: texts.units.percent('{figure}') };

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0).toString()};`);

const frameOf = ({ title, lead = '' }: Words): string =>
  `<div class="first-frame"><header><img src="/dashboard/icon.svg" alt="" width="26" height="26">${escaped(texts.product)}</header>` +
  `<main aria-busy="true"><div class="page-head"><h1>${escaped(title)}</h1><p class="lead">${escaped(lead)}</p></div></main></div>`;

/** As the page of the same name draws it, but for what somebody types (session/sign-in-page.tsx). */
function signInFrame(): string {
  const { explain, token, signIn, withoutTitle, without, first } = texts.session;
  return (
    `<div class="first-frame sign-in"><main aria-busy="true"><div class="sheet">` +
    `<div class="brand"><img src="/dashboard/icon.svg" alt="" width="26" height="26"><h1>${escaped(texts.product)}</h1></div>` +
    `<p>${escaped(explain)}</p>` +
    `<div class="field">${escaped(token)}</div><div class="action">${escaped(signIn)}</div>` +
    `<div class="without"><h2>${escaped(withoutTitle)}</h2><p>${escaped(without)}</p><p>${escaped(first)}</p></div>` +
    `</div></main></div>`
  );
}

function addressOf(bundle: Rolldown.OutputBundle, name: string): string {
  const chunk = Object.values(bundle).find((one) => one.type === 'chunk' && one.name === name);
  if (chunk === undefined) throw new Error(`there is no ${name} in the bundle`);
  return `/dashboard/${chunk.fileName}`;
}

const fetched = (address: string): string => `<link rel="preload" as="script" crossorigin href="${address}">`;

/**
 * Where somebody is and what they are to know first, in the page itself: shown while the scripts are still on their way. One page for
 * each title, beside the one without, one of a deployment that the server fills in, and one that asks for a token; it sends the one that
 * belongs to an address to whoever may look.
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
    const emitPage = (fileName: string, frame: string, of = html): void => {
      this.emitFile({ type: 'asset', fileName, source: of.replace(PLACE, frame) });
    };
    for (const [address, words] of Object.entries(WORDS))
      emitPage(`pages/${address === '' ? 'index' : address}.html`, frameOf(words));
    emitPage('sign-in.html', signInFrame());
    this.emitFile({ type: 'asset', fileName: 'deployment-lead.json', source: JSON.stringify(LEAD_WORDS) });
    emitPage(
      'deployment.html',
      frameOf(OF_DEPLOYMENT),
      html.replace('</head>', `${fetched(addressOf(bundle, 'deployment-page'))}</head>`),
    );
    page.source = html.replace(PLACE, '');
  },
});
