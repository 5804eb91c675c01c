import { whyCrossSite, whyNoStream, whySessionDoesNotCount } from './cross-site';

const HOST = { host: 'models.example.com' };
const OWN = 'https://models.example.com';

describe('[case 141] a request of a page of another site', () => {
  it.each([
    ['is said by the browser', { 'sec-fetch-site': 'cross-site' }],
    ['comes from a neighbour under the same domain', { 'sec-fetch-site': 'same-site', origin: OWN }],
    ['has another origin', { origin: 'https://evil.example' }],
    ['has the same name and another port', { origin: `${OWN}:8443` }],
    ['hides its origin', { origin: 'null' }],
    ['has an origin that is none', { origin: 'models.example.com' }],
  ])('%s', (_name, headers) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      expect(whyCrossSite({ method, headers: { ...HOST, ...headers } })).toMatch(/^A page of another site/);
      expect(
        whySessionDoesNotCount({ method, headers: { ...HOST, 'x-understudy-csrf': '1', ...headers } }),
      ).toBeDefined();
    }
    expect(whyCrossSite({ method: 'GET', headers: { ...HOST, ...headers } })).toBeUndefined();
    expect(whyNoStream({ ...HOST, ...headers })).toMatch(/^A page of another site asks for this stream/);
  });

  it.each([
    ['a program', {}],
    ['an own page', { 'sec-fetch-site': 'same-origin', origin: OWN }],
    [
      'an own page behind a proxy that changes the name',
      { 'sec-fetch-site': 'same-origin', origin: 'https://public.example' },
    ],
    ['an own page in an older browser', { origin: OWN }],
    ['somebody who typed the address', { 'sec-fetch-site': 'none' }],
  ])('is not one of %s', (_name, headers) => {
    expect(whyCrossSite({ method: 'POST', headers: { ...HOST, ...headers } })).toBeUndefined();
    expect(whyNoStream({ ...HOST, ...headers })).toBeUndefined();
  });
});

describe('[case 141] a session counts for a change', () => {
  it.each([
    [{ 'sec-fetch-site': 'same-origin', 'x-understudy-csrf': '1' }, true],
    [{ origin: OWN, 'x-understudy-csrf': '1' }, true],
    [{ 'x-understudy-csrf': '1' }, false],
    [{ 'sec-fetch-site': 'none', 'x-understudy-csrf': '1' }, false],
    [{ 'sec-fetch-site': 'same-origin' }, false],
    [{ origin: OWN }, false],
    [{}, false],
  ])('with %j: %s', (headers, counts) => {
    expect(whySessionDoesNotCount({ method: 'POST', headers: { ...HOST, ...headers } }) === undefined).toBe(counts);
    expect(whySessionDoesNotCount({ method: 'GET', headers: HOST })).toBeUndefined();
  });
});
