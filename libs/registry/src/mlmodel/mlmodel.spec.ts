import { datatypeFromNumpy } from '@understudy/inference';
import { MAX_MLMODEL_BYTES, parseMlModel, servability } from './mlmodel';

const URI = 'models:/iris/3';
const ID = `m-${'0f'.repeat(16)}`;

const refusedBecause = (why: string): Error =>
  expect.objectContaining({
    code: 'model-not-servable',
    message: `The MLmodel file of ${URI} cannot be used: ${why}. Log the version again`,
  }) as Error;

const MLFLOW_3 = `artifact_path: mlflow-artifacts:/1/models/${ID}/artifacts
flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_session_options: {graph_optimization_level: 99, intra_op_num_threads: 2}
    onnx_version: 1.19.0
    providers:
    - CUDAExecutionProvider
    - CPUExecutionProvider
  python_function:
    data: model.onnx
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.onnx
    python_version: 3.11.7
is_signature_from_type_hint: false
metadata:
  class_names: [setosa, versicolor, virginica]
  feature_names: [sepal_length, sepal_width]
mlflow_version: 3.17.2
model_id: ${ID}
model_size_bytes: 1234
model_uuid: ${ID}
prompts: null
run_id: 5c5c
saved_input_example_info:
  artifact_path: input_example.json
  serving_input_path: serving_input_example.json
  type: ndarray
signature:
  inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 2]}}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
type_hint_from_example: false
utc_time_created: '2026-11-02 10:11:12.123456'
`;

const MLFLOW_2 = `artifact_path: model
flavors:
  onnx:
    code: null
    data: model.onnx
    providers: [CPUExecutionProvider]
  python_function:
    env: conda.yaml
    loader_module: mlflow.onnx
mlflow_version: 2.17.0
model_uuid: 00112233445566778899aabbccddeeff
run_id: 5c5c
signature:
  inputs: '[{"name": "sepal_length", "type": "double", "optional": true}]'
  outputs: null
utc_time_created: '2024-11-02 10:11:12.123456'
`;

describe('an MLmodel file', () => {
  it('of MLflow 3 says what serving needs', () => {
    expect(parseMlModel(MLFLOW_3, URI)).toEqual({
      flavors: ['onnx', 'python_function'],
      onnxPath: 'model.onnx',
      signature: {
        inputs: [{ kind: 'tensor', name: undefined, datatype: datatypeFromNumpy('float32'), shape: [-1, 2] }],
        outputs: [{ kind: 'tensor', name: undefined, datatype: datatypeFromNumpy('int64'), shape: [-1] }],
      },
      execution: { threads: 2, optimization: 'all' },
      featureNames: ['sepal_length', 'sepal_width'],
      classNames: ['setosa', 'versicolor', 'virginica'],
      examplePath: 'input_example.json',
    });
  });

  it('of MLflow 2 says the same in its own words', () => {
    expect(parseMlModel(MLFLOW_2, URI)).toEqual({
      flavors: ['onnx', 'python_function'],
      onnxPath: 'model.onnx',
      signature: { inputs: [{ kind: 'column', name: 'sepal_length', type: 'double', required: false }], outputs: [] },
      execution: {},
      featureNames: undefined,
      classNames: undefined,
      examplePath: null,
    });
  });

  it('without an ONNX flavor has no ONNX file', () => {
    expect(parseMlModel('flavors: {sklearn: {data: model.pkl}}', URI)).toMatchObject({
      flavors: ['sklearn'],
      onnxPath: null,
    });
  });

  it.each([
    ['an empty text', ''],
    ['a text', 'hello'],
    ['a list', '[1, 2]'],
    ['a map without flavors', 'artifact_path: model'],
    ['flavors that are no map', 'flavors: [onnx]'],
    ['flavors without a value', 'flavors:'],
  ])('that is %s is refused', (_, text) => {
    expect(() => parseMlModel(text, URI)).toThrow(refusedBecause('it has no map of flavors'));
  });

  it.each([
    ['YAML that does not parse', 'flavors: {onnx: [}'],
    ['two documents', 'flavors: {}\n---\nflavors: {}\n'],
    ['an alias of nothing', 'flavors: *nothing'],
  ])('that is %s is refused', (_, text) => {
    expect(() => parseMlModel(text, URI)).toThrow(refusedBecause('it is not YAML that can be read'));
  });

  it.each([
    ['has no data', '{}'],
    ['is null', 'null'],
    ['names a number', '{data: 5}'],
    ['names a list', '{data: [model.onnx]}'],
  ])('whose ONNX flavor %s is refused', (_, flavor) => {
    expect(() => parseMlModel(`flavors: {onnx: ${flavor}}`, URI)).toThrow(
      refusedBecause('its ONNX flavor does not name the file with the model ("data")'),
    );
  });

  it.each(['../model.onnx', '/etc/passwd', 'a/../../b', '..%2fmodel.onnx', '%252e%252e/x', 'C:\\x', '', '.', 'a\\b'])(
    '[case 53] whose ONNX flavor names the file %j is refused',
    (data) => {
      expect(() => parseMlModel(`flavors: {onnx: {data: ${JSON.stringify(data)}}}`, URI)).toThrow(
        refusedBecause("its ONNX flavor names a file outside the model's folder"),
      );
    },
  );

  it.each([
    ['../example.json', null],
    ['/etc/passwd', null],
    ['%2e%2e%2fexample.json', null],
    ['input_example.json', 'input_example.json'],
  ])('[case 53] with the example path %s has the example %s', (path, examplePath) => {
    const text = `flavors: {}\nsaved_input_example_info: {artifact_path: ${JSON.stringify(path)}}`;
    expect(parseMlModel(text, URI).examplePath).toBe(examplePath);
  });

  it.each([
    ['numbers', 'feature_names: [1, 2]'],
    ['a text', 'feature_names: a, b'],
    ['nothing', 'feature_names: []'],
    ['metadata that is a list', '[]'],
  ])('whose feature names are %s is served without them', (_, metadata) => {
    const text = `flavors: {}\nmetadata:\n  ${metadata}`;
    expect(parseMlModel(text, URI)).toMatchObject({ featureNames: undefined, classNames: undefined });
  });

  it('[case 51] may have flavors called like members of every object', () => {
    const { flavors } = parseMlModel('flavors: {toString: {}, constructor: {}, hasOwnProperty: {}}', URI);
    expect(flavors).toEqual(['constructor', 'hasOwnProperty', 'toString']);
    expect(() => parseMlModel('flavors: {__proto__: {onnx: {data: model.onnx}}}', URI)).not.toThrow();
    expect(parseMlModel('flavors: {__proto__: {onnx: {data: model.onnx}}}', URI).onnxPath).toBeNull();
    expect(({} as Record<string, unknown>)['onnx']).toBeUndefined();
  });

  it('[case 67] of more than 1 MiB is refused before it is parsed', () => {
    const text = `flavors: {}\n# ${'x'.repeat(MAX_MLMODEL_BYTES)}`;
    expect(() => parseMlModel(text, URI)).toThrow(refusedBecause(`it has more than ${MAX_MLMODEL_BYTES} bytes`));
  });
});

describe('whether a version can be served', () => {
  it('is yes with an ONNX flavor among others', () => {
    expect(servability(['onnx', 'python_function'], 'iris', '3', URI)).toEqual({ ok: true });
  });

  it('is no without one, in a sentence that holds the command to run', () => {
    expect(servability(['python_function', 'sklearn'], 'iris', '3', URI)).toEqual({
      ok: false,
      why:
        'version 3 of "iris" has flavors python_function, sklearn; none is onnx. ' +
        'Log it with mlflow.onnx.log_model, or run training/export_onnx.py --model-uri models:/iris/3',
      command: 'python training/export_onnx.py --model-uri models:/iris/3',
    });
  });

  it('is said by URI of what has no version number', () => {
    expect(servability([], 'model', null, `models:/${ID}`)).toEqual({
      ok: false,
      why: expect.stringContaining(`models:/${ID} has no flavors; none is onnx.`),
      command: `python training/export_onnx.py --model-uri models:/${ID}`,
    });
  });

  it('[case 49] holds a command that runs nothing else, whatever the model is called', () => {
    const name = "iris'; rm -rf ~; '$(id)";
    expect(servability([], name, '1', `models:/${name}/1`)).toMatchObject({
      why: expect.stringContaining(String.raw`--model-uri 'models:/iris'\''; rm -rf ~; '\''$(id)/1'`),
    });
  });

  it('[case 67] names a few of very many flavors, cut', () => {
    const flavors = Array.from({ length: 5000 }, (_, index) => `${index}${'x'.repeat(1000)}`);
    const { ok, why } = servability(flavors, 'iris', '3', URI) as { ok: boolean; why: string };
    expect([ok, why.includes('and 4980 more'), why.length < 3000]).toEqual([false, true, true]);
  });
});
