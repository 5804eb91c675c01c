import { resolveSignature } from '@understudy/inference';
import type { FromRunner, LoadCommand, LoadStep, RunnerFacts, ToRunner } from '@understudy/model-slots';
import { checkModel } from './check-model';
import { readExample } from './example';
import { LoadFailure } from './load-failure';
import { ModelSession } from './model-session';
import { proveBatching } from './prove-batching';
import { TensorServer } from './tensor-server';
import { warmUp } from './warm-up';

/**
 * A runner: one process, one model, one session. It is told what to load over the channel of the fork, answers tensors on a
 * Unix socket, and ends with the server that started it.
 */

let step: LoadStep = 'check';

function tell(message: FromRunner): void {
  process.send?.(message);
}

function enter(next: LoadStep): void {
  step = next;
  tell({ type: 'step', step });
}

async function load(command: LoadCommand): Promise<RunnerFacts> {
  enter('check');
  const graph = checkModel(command.modelPath, command.directory);
  const signature = resolveSignature(graph, command.declared, command.featureNames);
  enter('start');
  const session = await ModelSession.load(command.modelPath, command.directory, graph, command.threads);
  enter('warm');
  const example = command.examplePath === null ? undefined : readExample(command.examplePath, signature);
  const warmed = await warmUp(session, signature, example);
  const inputs = warmed.with === 'nothing' ? undefined : warmed.inputs;
  const batching = command.known?.batching ?? (await proveBatching(session, signature, inputs));
  await new TensorServer(session).listen(command.socketPath);
  return {
    signature,
    batching,
    warmedWith: warmed.with === 'nothing' ? { notWarmedBecause: warmed.because } : warmed.with,
  };
}

process.on('message', (message: ToRunner) => {
  load(message).then(
    (facts) => {
      tell({ type: 'ready', facts });
    },
    (error: unknown) => {
      if (!(error instanceof LoadFailure)) console.error(error);
      const problem =
        error instanceof LoadFailure ? error.message : 'The model could not be loaded; the server log says more';
      tell({ type: 'failed', step, problem });
    },
  );
});

// The server is gone, whatever became of it: nobody will ask again.
process.on('disconnect', () => {
  process.exit(0);
});
