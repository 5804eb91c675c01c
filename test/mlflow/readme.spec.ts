import { commandsOf, readmeBlock } from '../readme/support/blocks.mjs';
import { ForegroundCommand, shell } from '../readme/support/shell';
import { temporaryFolder } from '../support/temporary-folder';
import { describeOnMlflow, mlflowUri, runShell } from './support/python';

/** The blocks of the README that need an MLflow server. */

describeOnMlflow('the README on a real MLflow server', () => {
  const onTestServer = (command: string): string => command.replace('http://localhost:8080', mlflowUri);

  it.each(commandsOf(readmeBlock('training')))('$command', async ({ command }) => {
    expect(await runShell(onTestServer(command))).toContain('models:/tracking-quickstart/');
  });

  it('serves what was trained', async () => {
    const data = temporaryFolder('readme-mlflow');
    const server = new ForegroundCommand(onTestServer(readmeBlock('mlflow')), {
      environment: { PORT: '0', UNDERSTUDY_DATA_DIR: data.path },
    });
    try {
      const url = await server.url(60_000);
      const body = JSON.stringify({ data: [[5.1, 3.5, 1.4, 0.2]] });
      expect(await shell(`curl --silent --fail --retry 10 --json '${body}' ${url}/predict`)).toBe(
        '{"predictions":[0],"model_used":"current"}',
      );
    } finally {
      await server.interrupt();
      data.remove();
    }
  });
});
