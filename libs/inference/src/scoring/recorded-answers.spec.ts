import { readJson } from '../json/read-json';
import { decodeInvocation } from './decode-invocation';
import { encodePredictionsForMlflow } from './encode-predictions-for-mlflow';
import { RECORDED } from './recorded-answers.fixture';
import { DEVIATIONS } from './recorded-deviations.fixture';
import { recordedModel } from './recorded-models.fixture';

interface Answer {
  readonly status: number;
  /** Of a 200. */
  readonly predictions?: unknown;
}

interface Recording {
  readonly line: string;
  readonly model: string;
  readonly contentType: string;
  readonly body: string;
  readonly real: Answer;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = { json: 'application/json', csv: 'text/csv' };

function toAnswer(status: string, rest: string): Answer {
  if (status !== '200') return { status: Number(status) };
  const parsed = readJson(Buffer.from(rest), { nonFiniteNumbers: true });
  if (!parsed.ok) throw new Error(`${parsed.problem}: ${rest}`);
  return { status: 200, predictions: parsed.value };
}

function toRecording(line: string): Recording {
  const [, model, kind, body, status, rest] = /^(\S+) (json|csv|<.*?>) (.*) -> (\d+) (.*)$/.exec(line) as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    line,
    model,
    contentType: CONTENT_TYPES[kind] ?? kind.slice(1, -1),
    body: (kind === 'csv' ? (JSON.parse(body) as string) : body).replace('<mark>', '\ufeff'),
    real: toAnswer(status, rest),
  };
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

function answer({ model, contentType, body }: Recording): Answer {
  const { signature, declared, predict } = recordedModel(model);
  const decoded = decodeInvocation(Buffer.from(body), contentType, signature, declared);
  if (!decoded.ok) return { status: decoded.failure.status };
  const text = encodePredictionsForMlflow(predict(decoded.inputs), decoded.answer);
  const { predictions } = (readJson(Buffer.from(text)) as { value: { predictions: unknown } }).value;
  return { status: 200, predictions };
}

/** The same value, but for the sixth digit, and with NaN and the infinities written as strings. */
function sameAs(real: unknown): unknown {
  if (typeof real === 'number') return Number.isFinite(real) ? expect.closeTo(real, 4) : String(real);
  if (Array.isArray(real)) return real.map(sameAs);
  if (typeof real !== 'object' || real === null) return real;
  return Object.fromEntries(Object.entries(real).map(([name, value]) => [name, sameAs(value)]));
}

describe('requests that a real MLflow server answered', () => {
  it.each(linesOf(RECORDED).map(toRecording))('are answered alike: $line', (recording) => {
    expect(answer(recording)).toEqual(sameAs(recording.real));
  });

  describe.each(DEVIATIONS)('$why', ({ recorded }) => {
    const lines = linesOf(recorded);
    const pairs = lines.flatMap((line, index) =>
      index % 2 === 0 ? [{ recording: toRecording(line), line, ours: (lines[index + 1] as string).trim() }] : [],
    );

    it.each(pairs)('$line', ({ recording, ours }) => {
      const [, status, rest] = /^ours (\d+) ?(.*)$/.exec(ours) as unknown as [string, string, string];
      const expected = toAnswer(status, rest);
      expect(answer(recording)).toEqual(sameAs(expected));
      expect(recording.real).not.toEqual(expected);
    });
  });
});
