import { measure } from '../load';
import { checkedLoad, FORMS, uncheckedLoad } from '../loads';
import type { Part } from '../part';
import { PEERS } from '../peers';

const LOAD = { rows: 2, connections: 8 };
const SECONDS = 1;

/** Starts every peer that needs no Python, for a second of load in each of its forms: whether the bench itself still works. */
export const smoke: Part = {
  name: 'smoke',
  about: 'every peer that needs no Python, a second each; measures nothing',
  onlyByName: true,
  async measure({ root, say }) {
    const answered: string[] = [];
    for (const peer of PEERS.filter(({ needs }) => needs === 'node')) {
      const running = await peer.start({ root, python: '' });
      try {
        for (const form of peer.forms) {
          const load =
            peer.answersAnything === true ? uncheckedLoad(LOAD, form) : await checkedLoad(running.url, form, LOAD);
          const { requestsPerSecond, failures } = await measure(`${running.url}${FORMS[form].path}`, load, SECONDS);
          if (failures > 0 || !(requestsPerSecond > 0))
            throw new Error(`${peer.name}, ${form}: ${requestsPerSecond}/s, ${failures} failed`);
          answered.push(`- ${peer.name}, ${form}: every answer right`);
          say(answered.at(-1) ?? '');
        }
      } finally {
        await running.stop();
      }
    }
    return { lines: ['## Smoke', '', ...answered, ''], figures: {} };
  },
};
