import { describeRegistryContract, type RegistryUnderTest } from '../../../test/registry/contract';
import { FakeMlflow } from '../../../test/support/fake-mlflow/fake-mlflow';
import type { StoreOptions } from '../../../test/support/fake-mlflow/fake-store';
import { registryOn } from '../../../test/support/fake-mlflow/registry-on';
import { mlModelText, ModelFolder } from '../../../test/support/model-folder';
import { FolderRegistry } from './folder/folder-registry';

const NAME = 'iris';
const SKLEARN = { MLmodel: mlModelText({ sklearn: {}, python_function: {} }), 'model.skops': 'forest' };

const onnxFiles = (graph: string) => ({
  MLmodel: mlModelText({ onnx: { data: 'model.onnx' }, python_function: {} }),
  'model.onnx': graph,
  'weights.bin': 'weights',
});

async function inFolder(): Promise<RegistryUnderTest> {
  const models = new ModelFolder();
  models.publish(NAME, 1, onnxFiles('graph 1'));
  models.publish(NAME, 2, onnxFiles('graph 2'));
  models.publish(NAME, 3, SKLEARN);
  models.publish('another', 1, onnxFiles('graph'));
  models.setAlias(NAME, 'champion', 2);
  models.setAlias(NAME, 'gone', 4);
  return {
    registry: new FolderRegistry(models.path),
    modelName: NAME,
    close: async () => {
      models.remove();
    },
  };
}

async function onFakeMlflow(options: StoreOptions): Promise<RegistryUnderTest> {
  const mlflow = await FakeMlflow.start(options);
  for (const graph of ['graph 1', 'graph 2'])
    mlflow.publish(NAME, { ...onnxFiles(graph), 'data/more/deep.bin': 'deep', 'a name with % and spaces': '' });
  mlflow.publish(NAME, SKLEARN);
  mlflow.publish(NAME, onnxFiles('graph 4'));
  mlflow.publish('another', onnxFiles('graph'));
  mlflow.store.setAlias(NAME, 'champion', 2);
  mlflow.store.setAlias(NAME, 'gone', 4);
  mlflow.store.deleteVersion(NAME, 4);
  const registry = registryOn(mlflow.url);
  return { registry, modelName: NAME, close: () => mlflow.stop() };
}

describeRegistryContract('a folder', inFolder);

describeRegistryContract('MLflow 2.x', () => onFakeMlflow({ layout: '2.x', servesArtifacts: true }));
describeRegistryContract('MLflow 3.x', () => onFakeMlflow({ layout: '3.x', servesArtifacts: true }));

describeRegistryContract('MLflow 2.x started with --no-serve-artifacts', () =>
  onFakeMlflow({ layout: '2.x', servesArtifacts: false }),
);
describeRegistryContract('MLflow 3.x started with --no-serve-artifacts', () =>
  onFakeMlflow({ layout: '3.x', servesArtifacts: false }),
);
