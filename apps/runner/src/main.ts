import { pathToFileURL } from 'node:url';
import { resolveSignature } from '@understudy/inference';
import type { FromRunner, LoadCommand, LoadStep, RunnerFacts, ToRunner } from '@understudy/model-slots';
import { checkModel } from './check-model';
import { exampleInputs } from './example';
import { LoadFailure } from './load-failure';
import { ModelSession } from './model-session';
import { offerToOutOfMemory } from './oom-score';
import { proveBatching } from './prove-batching';
import { TensorServer } from './tensor-server';
import { warmUp } from './warm-up';
import { endAtOnce, startWatchdog } from './watchdog';

/**
 * A runner: one process, one model, one session. It is told what to load over the channel of the fork, answers tensors on a
 * Unix socket, and ends with the server that started it, at the latest when its second thread sees that the server is gone.
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
  const model = checkModel(command.modelPath, command.directory);
  const signature = resolveSignature(model.graph, command.declared, command.featureNames);
  enter('start');
  const session = await ModelSession.load(model, command);
  enter('warm');
  const example = command.examplePath === null ? undefined : exampleInputs(command.examplePath, signature);
  const warmed = await warmUp(session, signature, example);
  const inputs = warmed.with === 'nothing' ? undefined : warmed.inputs;
  const { batching, timings } =
    command.known ?? (await proveBatching(session, signature, inputs, command.maxOutputBytes));
  await new TensorServer(session, command.maxOutputBytes).listen(command.socketPath);
  return {
    signature,
    classNames: model.classNames ?? null,
    outputsLeftOut: model.outputsLeftOut,
    graph: session.origin,
    batching,
    warmedWith: warmed.with === 'nothing' ? { notWarmedBecause: warmed.because } : warmed.with,
    timings: timings.length === 0 && warmed.with !== 'nothing' ? [warmed.timing] : timings,
  };
}

function serve(): void {
  offerToOutOfMemory();
  // Node opens its debugger on this signal, to everybody on the machine.
  process.on('SIGUSR1', () => undefined);
  // The server says when to end. A signal for the whole group, as from a terminal or systemd, reaches this one too, while requests
  // are still under way.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  const [program, parent, memoryReports] = process.argv.slice(1);
  startWatchdog(pathToFileURL(program ?? ''), {
    parent: Number(parent),
    reportMemoryTo: memoryReports === undefined ? null : Number(memoryReports),
  });
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
  process.on('disconnect', endAtOnce);
}

serve();
