import { ModelFolder } from '../support/model-folder';
import { constantModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';

/** One rule says what a deployment may be called, wherever a path names one. */

const ROW = [1, 2, 3, 4];
const URI = (version: number): string => `models:/tracking-quickstart/${version}`;

let models: ModelFolder;
let server: RunningServer;

beforeAll(async () => {
  models = new ModelFolder();
  for (const version of [1, 2]) models.publish('tracking-quickstart', version, constantModel(version));
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
});

afterAll(async () => {
  await server.stop();
  models.remove();
});

const put = (name: string, body: object) => server.http.put(`/deployments/${name}`).send(body);
const post = (path: string, body: object = {}) => server.http.post(`/deployments/${path}`).send(body);

describe('the name of a deployment', () => {
  it.each([
    '..%2fx',
    '%2fx',
    'a%2fb',
    'a%5cb',
    '%2e%2e',
    '%20',
    '%09',
    'a%00',
    'a%0d%0ab',
    'a'.repeat(65),
    '_a',
    '-a',
    '.a',
    '__proto__',
    'a%e2%80%ae',
    'caf%c3%a9',
    "a'%3b--",
    'a%25b',
    'a$1',
  ])('[cases 45, 47, 49, 51] %s is refused', async (name) => {
    expect((await put(name, { current: URI(1) })).body).toMatchObject({ status: 400, code: 'invalid-body' });
    expect((await server.http.get(`/deployments/${name}/events`)).body).toMatchObject({ status: 400 });
  });

  it.each(['toString', 'hasOwnProperty', 'constructor'])('[case 51] %s is an ordinary unknown name', async (name) => {
    expect((await server.http.get(`/deployments/${name}`)).body).toMatchObject({ code: 'deployment-not-found' });
    expect((await post(`${name}/rollback`)).body).toMatchObject({ code: 'deployment-not-found' });
  });

  it('[cases 46, 51, 52] may be odd, and differs by case', async () => {
    for (const [name, version] of [
      ['a..b', 1],
      ['constructor', 2],
      ['Twin', 1],
      ['twin', 2],
    ] as const)
      expect((await put(name, { current: URI(version) })).status).toBe(201);
    expect((await post('twin/predict', { data: [ROW] })).body).toMatchObject({ predictions: [2] });
    expect((await post('Twin/predict', { data: [ROW] })).body).toMatchObject({ predictions: [1] });
    expect((await post('constructor/predict', { data: [ROW] })).body).toMatchObject({ predictions: [2] });
  });
});
