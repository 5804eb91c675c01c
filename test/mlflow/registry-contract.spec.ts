import { describeRegistryContract, type RegistryUnderTest } from '../registry/contract';
import { registryOn } from '../support/fake-mlflow/registry-on';
import { changeOnMlflow, describeOnMlflow, logVersions, mlflowUri } from './support/python';

const MODEL = `contract-${process.pid}`;

async function onMlflow(): Promise<RegistryUnderTest> {
  await logVersions(MODEL, 'external-data', 'external-data', 'sklearn', 'external-data');
  await setAlias('champion', '2');
  await setAlias('gone', '4');
  await changeOnMlflow('DELETE', 'model-versions/delete', { name: MODEL, version: '4' });
  const registry = registryOn(mlflowUri, { requestTimeoutMs: 30_000 });
  // The server is everybody's: it stays, with the model in it.
  return { registry, modelName: MODEL, close: async () => undefined };
}

const setAlias = async (alias: string, version: string): Promise<void> =>
  changeOnMlflow('POST', 'registered-models/alias', { name: MODEL, alias, version });

describeOnMlflow('the registry adapter', () => {
  describeRegistryContract('a real MLflow server', onMlflow);
});
