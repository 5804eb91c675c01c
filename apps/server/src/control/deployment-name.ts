import { Injectable, type PipeTransform } from '@nestjs/common';
import { DomainError } from '@understudy/platform';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const isDeploymentName = (name: string): boolean => NAME.test(name);

/** The one rule for names of deployments. Throws DomainError `invalid-body`. */
@Injectable()
export class DeploymentName implements PipeTransform<string, string> {
  transform(name: string): string {
    if (isDeploymentName(name)) return name;
    throw new DomainError(
      'invalid-body',
      `deployment: expected a name of 1 to 64 of the characters A-Z a-z 0-9 . _ - that begins with a letter or digit, got ${shown(name)}`,
    );
  }
}

/** Escaped where it would look like another. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 100)).replace(
    /[^\x20-\x7e]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
