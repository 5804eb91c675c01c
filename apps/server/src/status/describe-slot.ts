import type { Batching, LoadedVersion, VersionRef } from '@understudy/model-slots';
import type { BatchingAnswer, SlotAnswer } from './status.dto';

/** A slot as /status shows it; null where it is empty. */
export function describeSlot(ref: VersionRef | null, version: LoadedVersion | null): SlotAnswer | null {
  if (ref === null || version === null) return null;
  const { signature, runner } = version;
  const { warmedWith, outputsLeftOut, graph } = runner.facts;
  return {
    ...ref,
    bytes: version.bytes,
    loadedAt: version.loadedAt,
    loadMs: version.loadMs,
    signature: {
      inputs: signature.inputs.map((spec) => ({ ...spec, shape: [...spec.shape] })),
      outputs: signature.outputs.map((spec) => ({ ...spec, shape: [...spec.shape] })),
      columns: signature.columns === undefined ? null : [...signature.columns],
      source: signature.source,
    },
    classNames: version.classNames === null ? null : [...version.classNames],
    outputsLeftOut: [...outputsLeftOut],
    execution: { ...version.execution, graph },
    batching: describeBatching(version.batching),
    warmedWith: typeof warmedWith === 'string' ? warmedWith : warmedWith.notWarmedBecause,
    runner: { ...runner.status, runners: [...runner.status.runners] },
  };
}

function describeBatching(batching: Batching): BatchingAnswer {
  if (!batching.batched) return { batched: false, maxRows: null, because: batching.because };
  const { maxRows, oneRowMs, maxRowsMs, difference } = batching;
  const same = difference === 0 ? 'the same bit for bit' : `the same within ${difference.toExponential(1)}`;
  return {
    batched: true,
    maxRows,
    because: `rows alone and together came out ${same}; one row takes ${oneRowMs.toFixed(2)} ms, ${maxRows} take ${maxRowsMs.toFixed(2)} ms`,
  };
}
