import dns from 'node:dns';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { temporaryFolder } from '../../../../test/support/temporary-folder';
import { FakeMlflow } from '../../../../test/support/fake-mlflow/fake-mlflow';
import {
  askFor,
  downloadFrom,
  failure,
  failureOf,
  httpOn,
  type HttpSettings,
} from '../../../../test/support/fake-mlflow/asking';
import {
  breaksAfter,
  fails,
  hangs,
  redirects,
  resets,
  saysHtml,
} from '../../../../test/support/fake-mlflow/misbehaviours';

const PATH = '/api/2.0/mlflow/registered-models/get';
const TOKEN = 'canary-token-5f0c7d0e';
const never = new AbortController().signal;

let mlflow: FakeMlflow;
let other: FakeMlflow;

beforeAll(async () => {
  mlflow = await FakeMlflow.start();
  other = await FakeMlflow.start();
  mlflow.publish('iris', { 'model.onnx': 'graph'.repeat(100_000) });
});

afterEach(() => {
  mlflow.authorization = undefined;
  mlflow.behave();
  other.behave();
});

afterAll(async () => {
  await mlflow.stop();
  await other.stop();
});

const get = async (settings: HttpSettings = {}, signal = never) => askFor('iris', httpOn(mlflow.url, settings), signal);
const download = async (settings: HttpSettings = {}, signal = never) =>
  downloadFrom(httpOn(mlflow.url, settings), artifactPath(), signal);

const artifactPath = (): string => {
  const [version] = mlflow.store.versionsByNumber();
  return `/api/2.0/mlflow-artifacts/artifacts/${version?.root ?? ''}/model.onnx`;
};

/** Watches which names this process asks a name server for. */
function namesLookedUp(): { stop: () => Set<string> } {
  const names = new Set<string>();
  const real = dns.lookup;
  const watching = (name: string, ...rest: unknown[]): unknown => {
    names.add(name);
    return Reflect.apply(real, dns, [name, ...rest]);
  };
  dns.lookup = watching as typeof dns.lookup;
  return {
    stop: () => {
      dns.lookup = real;
      return names;
    },
  };
}

const outcomeOf = async (doing: Promise<unknown>): Promise<unknown> => doing.catch((error: unknown) => error);

describe('a redirect', () => {
  const credentials = { token: TOKEN };

  it.each([301, 302, 303, 307, 308])('by %d to the same server is followed', async (status) => {
    mlflow.at(/name=iris/, redirects(status, `/moved?name=iris%20`), 1);
    mlflow.at(/moved/, redirects(status, `${PATH}?name=iris`), 1);
    expect(await get({ credentials })).toEqual({ registered_model: { name: 'iris' } });
    expect(mlflow.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill(`Bearer ${TOKEN}`));
  });

  it('[case 63] to another server is not followed, and takes no credentials there', async () => {
    mlflow.at(/./, redirects(302, `${other.origin}${PATH}?name=iris`));
    expect(await failureOf(get({ credentials }))).toEqual(
      failure(
        'registry-bad-answer',
        /it redirects to http:\/\/127\.0\.0\.1:\d+, and Understudy asks only http.*set MLFLOW_TRACKING_URI to it$/,
      ),
    );
    mlflow.at(/artifacts/, redirects(307, `${other.origin}/stolen`));
    expect(await failureOf(download({ credentials }))).toEqual(failure('registry-bad-answer', /redirects to/));
    expect(other.requests).toEqual([]);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    'http://127.0.0.1/',
    'http://0.0.0.0/',
    'http://10.0.0.1/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://[::ffff:127.0.0.1]/',
    'http://localhost./',
    '//169.254.169.254/',
  ])('[case 61] to %s is not followed', async (location) => {
    mlflow.at(/./, redirects(302, location));
    expect(await failureOf(get())).toEqual(failure('registry-bad-answer', /it redirects to http:/));
    expect(mlflow.requests).toHaveLength(1);
  });

  it('[case 62] is compared by its parsed origin at every hop', async () => {
    const { port, host } = new URL(mlflow.origin);
    const locations = [
      `http://${host}@evil.example/`,
      `http://user@${host}/`,
      `http://:password@${host}/`,
      `http://${host}.evil.example/`,
      `http://127.0.0.1:${Number(port) + 1}/`,
      `https://${host}/`,
      'file:///etc/passwd',
      'data:application/json,{}',
      'http://%zz/',
      '',
    ];
    for (const location of locations) {
      mlflow.behave();
      mlflow.at(/./, redirects(302, location));
      mlflow.at(/./, redirects(302, `${PATH}?hop=1`), 1);
      expect([location, await failureOf(get({ credentials }))]).toEqual([
        location,
        failure('registry-bad-answer', /redirects to/),
      ]);
      expect(mlflow.requests).toHaveLength(2);
    }
  });

  it('[case 65] in a circle is followed three times', async () => {
    mlflow.at(/./, redirects(301, `${PATH}?name=iris`));
    expect(await failureOf(get())).toEqual(failure('registry-bad-answer', /it redirects more than 3 times/));
    expect(mlflow.requests).toHaveLength(4);
  });
});

describe('[case 64] a name', () => {
  it('other than the configured one is never looked up, whatever the server names, so no answer of a name server leads elsewhere', async () => {
    const names = namesLookedUp();
    const trackingUri = mlflow.url.replace('127.0.0.1', 'localhost');
    expect(await get({ trackingUri })).toEqual({ registered_model: { name: 'iris' } });
    for (const location of ['http://rebind.example/', '//rebind.example:80/', 'http://localhost.rebind.example/']) {
      mlflow.at(/./, redirects(302, location));
      expect(await failureOf(get({ trackingUri }))).toEqual(failure('registry-bad-answer', /redirects to/));
      expect(await failureOf(download({ trackingUri }))).toEqual(failure('registry-bad-answer', /redirects to/));
    }
    expect(names.stop()).toEqual(new Set(['localhost']));
  });
});

describe('credentials', () => {
  const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

  it.each([
    ['a token', { token: TOKEN }, '', `Bearer ${TOKEN}`],
    ['a user with a password', { username: 'ann', password: 'pass' }, '', basic('ann:pass')],
    ['a user, who wins over a token', { username: 'ann', password: 'pass', token: TOKEN }, '', basic('ann:pass')],
    ['a user without a password, who does not', { username: 'ann', token: TOKEN }, '', `Bearer ${TOKEN}`],
    ['the tracking URI', {}, 'ann:p%40ss@', basic('ann:p@ss')],
    ['the tracking URI with a stray percent sign', {}, 'ann:50%@', basic('ann:50%')],
    ['nowhere', {}, '', undefined],
  ])('come from %s', async (_, credentials, userinfo, expected) => {
    await get({ trackingUri: mlflow.url.replace('//', `//${userinfo}`), credentials });
    expect(mlflow.requests[0]?.headers.authorization).toBe(expected);
  });

  it('that are refused are told about, and new ones are used by the next client', async () => {
    mlflow.authorization = 'Bearer new-token';
    expect(await failureOf(get({ credentials: { token: 'old-token' } }))).toEqual(failure('registry-refused'));
    expect(await get({ credentials: { token: 'new-token' } })).toEqual({ registered_model: { name: 'iris' } });
  });

  it('[case 90] in a file are read again for each request: a rotated token counts without a restart', async () => {
    const folder = temporaryFolder('token');
    const tokenPath = join(folder.path, 'token');
    writeFileSync(tokenPath, 'old-token\n');
    const http = httpOn(mlflow.url, { credentials: { token: TOKEN, tokenPath } });
    mlflow.authorization = 'Bearer old-token';
    expect(await askFor('iris', http, never)).toEqual({ registered_model: { name: 'iris' } });
    mlflow.authorization = 'Bearer new-token';
    expect(await failureOf(askFor('iris', http, never))).toEqual(failure('registry-refused'));
    writeFileSync(tokenPath, 'new-token\n');
    expect(await askFor('iris', http, never)).toEqual({ registered_model: { name: 'iris' } });
    for (const [content, problem] of [
      ['', /expected one token in the file/],
      ['two secret-words', /expected one token in the file, without spaces or line breaks in it$/],
    ] as const) {
      writeFileSync(tokenPath, content);
      expect(await failureOf(askFor('iris', http, never))).toEqual(failure('registry-refused', problem));
    }
    folder.remove();
    expect(await failureOf(askFor('iris', http, never))).toEqual(
      failure('registry-refused', /UNDERSTUDY_MLFLOW_TOKEN_FILE: the file cannot be read \(ENOENT\)/),
    );
  });

  it('[case 151] are in no error and in no description, whatever the server says', async () => {
    const password = 'canary-password-77';
    const pair = Buffer.from(`ann:${password}`).toString('base64');
    const withUser: HttpSettings = {
      trackingUri: mlflow.url.replace('//', `//ann:${password}@`),
      requestTimeoutMs: 200,
    };
    const echo = (status: number) => fails(status, `You sent Authorization: Bearer ${TOKEN} Basic ${pair} ${password}`);
    const troubles = [401, 403, 404, 409, 500]
      .map(echo)
      .concat([resets, hangs, saysHtml, breaksAfter(5), redirects(302, '//evil.example/')]);
    for (const trouble of troubles) {
      mlflow.at(/./, trouble);
      for (const settings of [{ credentials: { token: TOKEN }, requestTimeoutMs: 200 }, withUser]) {
        const shown = inspect([await outcomeOf(get(settings)), await outcomeOf(download(settings))], { depth: 20 });
        const secrets = settings === withUser ? [password, pair] : [TOKEN];
        expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
      }
    }
    expect(httpOn(mlflow.url, withUser).baseUrl).toBe(mlflow.url);
  });

  it('that cannot be read from a file are told by the setting', () => {
    expect(() => httpOn(mlflow.url, { credentials: { caPath: '/nowhere/ca.pem' } })).toThrow(
      /^MLFLOW_TRACKING_SERVER_CERT_PATH: /,
    );
  });
});
