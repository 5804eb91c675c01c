import type { JsonCursor } from '../json/json-cursor';
import { expectBoolean, expectUnsigned, readParameters } from './parameters';
import { invalidBody } from './refusal';

/** What the parameters of a whole request may say. */
export interface RequestParameters {
  /** Whether outputs come as binary data where the request names none. */
  readonly binaryOutputs: boolean;
  readonly priority: number | undefined;
  readonly timeoutUs: number | undefined;
}

export const NO_PARAMETERS: RequestParameters = { binaryOutputs: false, priority: undefined, timeoutUs: undefined };

const WHERE = (): string => 'The request';

/** Reads the `parameters` member of a request. Throws RefusalError; a sequence is refused, because no request is remembered. */
export function readRequestParameters(cursor: JsonCursor): RequestParameters {
  let { binaryOutputs, priority, timeoutUs } = NO_PARAMETERS;
  readParameters(cursor, WHERE, (name, value) => {
    switch (name) {
      case 'binary_data_output':
        binaryOutputs = expectBoolean(WHERE, name, value);
        break;
      case 'priority':
        priority = expectUnsigned(WHERE, name, value);
        break;
      case 'timeout':
        timeoutUs = expectUnsigned(WHERE, name, value);
        break;
      case 'sequence_id':
        if (value !== '') refuseSequence(name, typeof value === 'string' || expectUnsigned(WHERE, name, value) > 0);
        break;
      case 'sequence_start':
      case 'sequence_end':
        refuseSequence(name, expectBoolean(WHERE, name, value));
        break;
    }
  });
  return { binaryOutputs, priority, timeoutUs };
}

function refuseSequence(name: string, wanted: boolean): void {
  if (!wanted) return;
  throw invalidBody(
    `${WHERE()}: parameter '${name}' asks for a sequence, which this server does not offer: it keeps nothing between requests; leave it out`,
  );
}
