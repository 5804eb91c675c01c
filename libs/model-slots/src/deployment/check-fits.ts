import { whyInputsDoNotFit } from '@understudy/inference';
import { DomainError } from '@understudy/platform';
import type { DeploymentSettings } from './deployment-settings';
import type { ServedVersion } from './served-version';

/** Throws DomainError `signature-conflict` where clients of current could not use the version, or it lacks the output they get. */
export function checkFits(version: ServedVersion, current: ServedVersion | null, settings: DeploymentSettings): void {
  const why = current === null ? undefined : whyInputsDoNotFit(version.signature, current.signature);
  if (why !== undefined) {
    throw new DomainError(
      'signature-conflict',
      `${version.identity.uri} does not take what clients of current (${current?.identity.uri ?? ''}) send: ${why}. ` +
        'Load a version with the same inputs',
    );
  }
  const { outputName } = settings;
  if (outputName === undefined || outputIndexOf(version, outputName) >= 0) return;
  const names = version.signature.outputs.map(({ name }) => name).join(', ');
  throw new DomainError(
    'signature-conflict',
    `${version.identity.uri} has no output ${JSON.stringify(outputName)}, which this deployment answers with (its setting outputName); ` +
      `it has ${names}`,
  );
}

/** The place of an output in the signature; the first where none is named, -1 where there is none of the name. */
export function outputIndexOf({ signature }: ServedVersion, outputName: string | undefined): number {
  return outputName === undefined ? 0 : signature.outputs.findIndex(({ name }) => name === outputName);
}
