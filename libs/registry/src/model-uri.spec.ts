import { DomainError } from '@understudy/platform';
import fc from 'fast-check';
import { isAlias, isModelName, isSafePathSegment, isVersionNumber, parseModelUri } from './model-uri';

const ID = `m-${'0123456789abcdef'.repeat(2)}`;
const RUN = '5c'.repeat(16);

function refusal(text: string): DomainError {
  try {
    const parsed = parseModelUri(text);
    throw new Error(`parsed as ${JSON.stringify(parsed)}`);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

describe('a model URI', () => {
  it.each([
    ['models:/iris/3', { kind: 'version', name: 'iris', version: '3' }],
    ['models:/iris/4294967295', { kind: 'version', name: 'iris', version: '4294967295' }],
    ['models:///iris/3', { kind: 'version', name: 'iris', version: '3' }],
    ['MODELS:/iris/3', { kind: 'version', name: 'iris', version: '3' }],
    ['models:/iris/3?download=1', { kind: 'version', name: 'iris', version: '3' }],
    ['models:/a@b/1', { kind: 'version', name: 'a@b', version: '1' }],
    ['models:/7/1', { kind: 'version', name: '7', version: '1' }],
    ['models:/100%/1', { kind: 'version', name: '100%', version: '1' }],
    ['models:/a%2fb/1', { kind: 'version', name: 'a%2fb', version: '1' }],
    ['models:/iris/latest', { kind: 'latest', name: 'iris' }],
    ['models:/iris/LATEST', { kind: 'latest', name: 'iris' }],
    ['models:/iris@latest', { kind: 'latest', name: 'iris' }],
    ['models:/iris/production', { kind: 'stage', name: 'iris', stage: 'Production' }],
    ['models:/iris/None', { kind: 'stage', name: 'iris', stage: 'None' }],
    ['models:/iris@champion', { kind: 'alias', name: 'iris', alias: 'champion' }],
    ['models:/a@b@champion', { kind: 'alias', name: 'a@b', alias: 'champion' }],
    ['models:/iris@größte_1-2', { kind: 'alias', name: 'iris', alias: 'größte_1-2' }],
    [`models:/${ID}`, { kind: 'logged-model', id: ID }],
    [`runs:/${RUN}/model`, { kind: 'run', runId: RUN, path: 'model' }],
    [`runs:/${RUN}/sub/model`, { kind: 'run', runId: RUN, path: 'sub/model' }],
    [`runs:///${RUN}/model`, { kind: 'run', runId: RUN, path: 'model' }],
  ])('%s is understood', (text, expected) => {
    expect(parseModelUri(text)).toEqual(expected);
  });

  it.each(['...', '..m', 'model..1', 'a model with spaces', '#1', "it's", '"quoted"', '🌸', '-rf', '$1', '%', '_'])(
    '[case 46] may have the odd name %j',
    (name) => {
      expect(parseModelUri(`models:/${name}/1`)).toEqual({ kind: 'version', name, version: '1' });
    },
  );

  it.each(['toString', 'hasOwnProperty', '__proto__', 'constructor'])('[case 51] may be called %s', (name) => {
    expect(parseModelUri(`models:/${name}@${name}`)).toEqual({ kind: 'alias', name, alias: name });
  });

  it.each([
    ['../x', 'models:/../x/1'],
    ['..', 'models:/../1'],
    ['.', 'models:/./1'],
    ['an absolute path', 'models://etc/passwd/1'],
    ['a separator', 'models:/a/b/1'],
    ['a backslash', 'models:/a\\b/1'],
    ['a colon', 'models:/c:/1'],
    ['nothing', 'models://1'],
    ['blanks', 'models:/  /1'],
    ['257 characters', `models:/${'a'.repeat(257)}/1`],
    ['NUL', 'models:/a\u0000/1'],
    ['a tab', 'models:/a\tb/1'],
    ['a line break', 'models:/a\r\nb/1'],
    ['a line separator', 'models:/a\u2028b/1'],
    ['half a character', 'models:/\ud800/1'],
  ])('[case 45] with a name of %s is refused', (_, text) => {
    expect(refusal(text)).toMatchObject({
      code: 'invalid-model-uri',
      message: expect.stringMatching(/^Not a model URI that can be served: .*The forms are models:\/name\/version/),
    });
  });

  it.each(['0', '01', '1.0', '1.5', '-1', '+1', '1e3', '0x1', '１', '9999999999999999999', ' 1', 'v1', 'nonsense', ''])(
    '[case 48] with the version %j is refused with what a version is',
    (version) => {
      expect(refusal(`models:/iris/${version}`).message).toContain(
        `${JSON.stringify(version)} is neither a version number, latest, nor one of the stages None, Staging, Production, Archived`,
      );
    },
  );

  it.each(['', 'a b', 'a.b', 'a/b', 'ä'.repeat(256), '%41', '!'])('with the alias %j is refused', (alias) => {
    expect(refusal(`models:/iris@${alias}`)).toMatchObject({ code: 'invalid-model-uri' });
  });

  it('without a version asks which one', () => {
    expect(refusal('models:/iris').message).toContain(
      'which version? Write models:/iris/1, models:/iris/latest or models:/iris@alias',
    );
  });

  it.each([
    '',
    'models',
    'models:',
    'models:/',
    'models:iris/1',
    'models://profile@databricks/iris/1',
    'models:/iris/1/',
    'models:/iris/1/MLmodel',
    `models:/${ID}/model.onnx`,
    `models:/m-${'A'.repeat(32)}`,
    'runs:/',
    `runs:/${RUN}`,
    `runs:/${RUN}/`,
    'runs:/-x/model',
    'iris/1',
  ])('%j is refused', (text) => {
    expect(refusal(text)).toMatchObject({ code: 'invalid-model-uri' });
  });

  it.each([
    'file:///etc/passwd',
    's3://bucket/model',
    'dbfs:/model',
    'http://169.254.169.254/',
    'mlflow-artifacts:/1/x',
  ])('[case 60] of another scheme is refused: %s', (text) => {
    expect(refusal(text)).toMatchObject({ code: 'invalid-model-uri' });
  });

  it.each(['..', '.', 'a/../b', 'a//b', 'a\\b', '%2e%2e', '..%2fother', '%252e%252e/x', 'C:', '%00'])(
    '[case 53] of a run is refused with the path %j',
    (path) => {
      expect(refusal(`runs:/${RUN}/${path}`)).toMatchObject({ code: 'invalid-model-uri' });
    },
  );

  it('that is too long is refused without being repeated', () => {
    const { message } = refusal(`models:/${'x'.repeat(1_000_000)}/1`);
    expect(message.length).toBeLessThan(400);
  });

  it('[case 47] is shown escaped where it would look like another', () => {
    const { message } = refusal('models:/iris\u202e\u200b');
    expect(message).toContain('iris\\u{202e}\\u{200b}"');
  });

  it('[case 47] has a name of exactly the bytes that were sent', () => {
    const names = ['caf\u00e9', 'cafe\u0301', 'p\u0430ypal', 'paypal', 'a\u200b', 'a'];
    const parsed = names.map((name) => parseModelUri(`models:/${name}/1`));
    expect(parsed).toEqual(names.map((name) => ({ kind: 'version', name, version: '1' })));
  });

  it('[case 52] tells upper from lower case in names', () => {
    expect(parseModelUri('models:/A/1')).not.toEqual(parseModelUri('models:/a/1'));
  });

  it('names the model and version that it was made of, whatever the name', () => {
    const names = fc
      .string({ minLength: 1, unit: 'binary' })
      .filter((name) => isModelName(name) && !name.includes('?'));
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (name, version) => {
        expect(parseModelUri(`models:/${name}/${version}`)).toEqual({
          kind: 'version',
          name,
          version: String(version),
        });
      }),
    );
  });

  it('is parsed or refused with the right code, whatever is sent', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.constantFrom('models:/', 'runs:/', 'models:'), fc.string({ unit: 'binary' }))
        .map((parts) => parts.join('')),
      fc
        .array(fc.constantFrom('models:', 'runs:', '/', '@', '?', '1', 'a', '..', '%2e', ':', '\\'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(anything, (text) => {
        try {
          parseModelUri(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid-model-uri' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a piece of a path', () => {
  it.each(['MLmodel', 'model.onnx', '.gitkeep', 'a b', '100%', '50%25', 'ünïcode', 'x'.repeat(255)])(
    '%j is safe',
    (segment) => {
      expect(isSafePathSegment(segment)).toBe(true);
    },
  );

  it.each(['', '.', '..', 'a/b', 'a\\b', 'C:', 'a\nb', 'a\u0000', '\ud800', 'x'.repeat(256), 'é'.repeat(128)])(
    '%j is not',
    (segment) => {
      expect(isSafePathSegment(segment)).toBe(false);
    },
  );

  it.each(['%2e', '%2E%2e', '%252e%252e', '%25%32%65', 'a%2fb', 'a%5cb', '%2%0952e', 'c%3a', '%00', '%250a'])(
    '[case 53] %s is not, once its encoding is undone',
    (segment) => {
      expect(isSafePathSegment(segment)).toBe(false);
    },
  );

  it('[case 58] is not, however often the encoding was repeated', () => {
    const encodeEach = (text: string): string =>
      text.replace(/./g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
    let hidden = '..';
    for (let layer = 0; layer < 3; layer++) {
      hidden = encodeEach(hidden);
      expect([layer, isSafePathSegment(hidden)]).toEqual([layer, false]);
    }
    let percent = '%2e%2e';
    for (let layer = 0; layer < 40; layer++) {
      percent = percent.replaceAll('%', '%25');
      expect([layer, isSafePathSegment(percent)]).toEqual([layer, false]);
    }
  });
});

describe('versions and aliases', () => {
  it.each(['1', '10', '9999999999'])('%s is a version number', (text) => {
    expect(isVersionNumber(text)).toBe(true);
  });

  it.each(['', '0', '01', '1.5', '-1', '1\n', '99999999999'])('[case 48] %j is no version number', (text) => {
    expect(isVersionNumber(text)).toBe(false);
  });

  it('latest is no alias, in whatever case', () => {
    expect(['champion', 'v1', 'latest', 'Latest', 'a.b', ''].filter(isAlias)).toEqual(['champion', 'v1']);
  });
});
