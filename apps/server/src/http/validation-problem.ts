import type { ValidationError } from 'class-validator';

/** One sentence for everything that class-validator found. */
export function validationProblem(errors: readonly ValidationError[]): string {
  return errors.map(describe).join('; ');
}

function describe({ property, constraints = {}, children = [] }: ValidationError): string {
  if ('whitelistValidation' in constraints) return `${property}: not known here; leave it out`;
  if ('unknownValue' in constraints) return 'expected a JSON object';
  const [first] = Object.values(constraints).reverse();
  return first ?? validationProblem(children);
}
