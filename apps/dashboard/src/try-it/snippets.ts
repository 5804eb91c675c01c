/** A prediction request as a person would send it from elsewhere. */
export interface SnippetRequest {
  /** `https://host:port`, without a slash at the end. */
  readonly origin: string;
  readonly path: string;
  readonly body: unknown;
  /** Whether the server asks for a token. */
  readonly needsToken: boolean;
}

export const SNIPPET_LANGUAGES = ['curl', 'Python', 'TypeScript'] as const;

export type SnippetLanguage = (typeof SNIPPET_LANGUAGES)[number];

const WRITERS: Record<SnippetLanguage, (request: SnippetRequest) => string> = {
  curl,
  Python: python,
  TypeScript: typescript,
};

export function snippet(language: SnippetLanguage, request: SnippetRequest): string {
  return WRITERS[language](request);
}

function curl({ origin, path, body, needsToken }: SnippetRequest): string {
  const lines = [
    `curl -X POST ${origin}${path}`,
    `-H 'Content-Type: application/json'`,
    ...(needsToken ? [`-H "Authorization: Bearer $UNDERSTUDY_TOKEN"`] : []),
    `-d ${shellQuoted(JSON.stringify(body))}`,
  ];
  return lines.join(' \\\n  ');
}

function python({ origin, path, body, needsToken }: SnippetRequest): string {
  return [
    needsToken ? 'import os\n\nimport requests' : 'import requests',
    '',
    'answer = requests.post(',
    `    "${origin}${path}",`,
    `    json=${pythonLiteral(body)},`,
    ...(needsToken ? ['    headers={"Authorization": f"Bearer {os.environ[\'UNDERSTUDY_TOKEN\']}"},'] : []),
    '    timeout=10,',
    ')',
    'answer.raise_for_status()',
    'print(answer.json()["predictions"])',
  ].join('\n');
}

function typescript({ origin, path, body, needsToken }: SnippetRequest): string {
  const token = needsToken ? ", Authorization: `Bearer ${process.env['UNDERSTUDY_TOKEN']}`" : '';
  return [
    `const answer = await fetch('${origin}${path}', {`,
    "  method: 'POST',",
    `  headers: { 'Content-Type': 'application/json'${token} },`,
    `  body: JSON.stringify(${JSON.stringify(body)}),`,
    '});',
    'if (!answer.ok) throw new Error(await answer.text());',
    'const { predictions } = await answer.json();',
  ].join('\n');
}

/** For a POSIX shell: a quote ends the string, stands by itself, and begins it again. */
const shellQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function pythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, member]) => `${JSON.stringify(key)}: ${pythonLiteral(member)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}
