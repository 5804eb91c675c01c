import { describeRegistryContract, type RegistryUnderTest } from '../registry/contract';
import { registryOn } from '../support/fake-mlflow/registry-on';
import { describeOnMlflow, logVersion, mlflowUri } from './support/python';

const MODEL = `contract-${process.pid}`;

async function onMlflow(): Promise<RegistryUnderTest> {
  for (const kind of ['external-data', 'external-data', 'sklearn', 'external-data']) await logVersion(kind, MODEL);
  await setAlias('champion', '2');
  await setAlias('gone', '4');
  await logVersion('delete', MODEL);
  const registry = registryOn(mlflowUri, { requestTimeoutMs: 30_000 });
  // The server is everybody's: it stays, with the model in it.
  return { registry, modelName: MODEL, close: async () => undefined };
}

async function setAlias(alias: string, version: string): Promise<void> {
  const response = await fetch(`${mlflowUri}/api/2.0/mlflow/registered-models/alias`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: MODEL, alias, version }),
  });
  if (!response.ok) throw new Error(`MLflow did not set the alias: ${await response.text()}`);
}

describeOnMlflow('the registry adapter', () => {
  describeRegistryContract('a real MLflow server', onMlflow);
});
