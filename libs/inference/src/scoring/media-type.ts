import { unsupportedMediaType } from './scoring-failure';

export type BodyKind = 'json' | 'csv';

const KINDS: ReadonlyMap<string, BodyKind> = new Map([
  ['application/json', 'json'],
  ['text/csv', 'csv'],
]);

const EXPECTED = 'Expected application/json or text/csv in UTF-8';

/**
 * The kind of body that a Content-Type header announces. Throws ScoringError (415) for other kinds, another charset and any other
 * parameter: MLflow before 2.0 told the form of a data frame by a parameter `format`, and sent to a later server such a body
 * would be read as another form. More lenient than MLflow about case, quotes and a trailing semicolon, as HTTP says.
 */
export function readMediaType(contentType: string | undefined): BodyKind {
  if (contentType === 'application/json') return 'json';
  if (contentType === undefined || contentType.trim() === '') {
    throw unsupportedMediaType(`${EXPECTED}, got no Content-Type. Send the header "Content-Type: application/json"`);
  }
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const kind = KINDS.get(type);
  if (kind === undefined) throw unsupportedMediaType(`${EXPECTED}, got Content-Type ${shown(contentType)}`);
  for (const parameter of parameters) checkParameter(parameter);
  return kind;
}

function checkParameter(parameter: string): void {
  if (parameter === '' || /^charset="?utf-8"?$/.test(parameter)) return;
  const name = parameter.split('=', 1)[0] as string;
  if (name === 'charset') throw unsupportedMediaType(`${EXPECTED}, got ${shown(parameter)}. Send the text as UTF-8`);
  const advice =
    name === 'format'
      ? 'That parameter is of MLflow before 2.0. Leave it out, and put the data under "dataframe_split" or "dataframe_records"'
      : 'Leave it out';
  throw unsupportedMediaType(`${EXPECTED}, got the Content-Type parameter ${shown(name)}. ${advice}`);
}

const shown = (value: string): string => JSON.stringify(value.slice(0, 100));
