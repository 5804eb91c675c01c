import { DomainError } from '@understudy/platform';
import { quoted } from './quoted';

/** What is said of a name that the registry does not have, whichever registry it is, and where to see those that it has. */
export const modelNotFound = (name: string): DomainError =>
  new DomainError(
    'model-not-found',
    `There is no model ${quoted(name)} in the registry; GET /registry/models lists them`,
    {
      name,
    },
  );

export const versionNotFound = (name: string, version: string): DomainError =>
  new DomainError(
    'model-version-not-found',
    `There is no version ${version} of ${quoted(name)} in the registry; ${VERSIONS_ARE_LISTED}`,
    { name, version },
  );

export const aliasNotFound = (name: string, alias: string): DomainError =>
  new DomainError(
    'model-alias-not-found',
    `${quoted(name)} has no alias ${quoted(alias)} in the registry; ${VERSIONS_ARE_LISTED}`,
    { name, alias },
  );

const VERSIONS_ARE_LISTED = 'GET /registry/models/{name}/versions lists those that there are, with their aliases';
