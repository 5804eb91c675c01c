import { snippet } from './snippets';

const request = {
  origin: 'http://localhost:8000',
  path: '/predict',
  body: { data: [[5.1, 3.5, 1.4, 0.2]] },
  needsToken: false,
};

it('writes a line for the shell', () => {
  expect(snippet('curl', request)).toBe(
    [
      'curl -X POST http://localhost:8000/predict \\',
      "  -H 'Content-Type: application/json' \\",
      `  -d '{"data":[[5.1,3.5,1.4,0.2]]}'`,
    ].join('\n'),
  );
});

it('quotes for the shell what would end the string', () => {
  expect(snippet('curl', { ...request, body: { data: ["it's"] } })).toContain(String.raw`-d '{"data":["it'\''s"]}'`);
});

it('writes Python values as Python does', () => {
  expect(snippet('Python', { ...request, body: { data: [{ a: null, b: true, c: 'x' }] } })).toContain(
    'json={"data": [{"a": None, "b": True, "c": "x"}]},',
  );
});

it.each(['curl', 'Python', 'TypeScript'] as const)(
  'never holds a token in %s, only where it comes from',
  (language) => {
    expect(snippet(language, { ...request, needsToken: true })).toMatch(/UNDERSTUDY_TOKEN/);
    expect(snippet(language, request)).not.toMatch(/UNDERSTUDY_TOKEN|Authorization/);
  },
);
