import { JsonCursor, JsonError } from '../json/json-cursor';
import { NamesSeen } from '../json/names-seen';
import { describeJsonError } from '../json/read-json';
import type { ModelSignature } from '../signature/signature';
import { expectKind, readNullFor } from './expect-kind';
import { checkInputCount, fitInputs, sharedRows } from './fit-inputs';
import type { InferRequest, InferResult, RequestedOutput } from './infer-request';
import { readRawRequest } from './raw-request';
import { type ReceivedInput, readInput, readInputName } from './received-input';
import { invalidBody, quoted, RefusalError } from './refusal';
import { NO_PARAMETERS, readRequestParameters } from './request-parameters';
import { allOutputs, checkOutputForms, readRequestedOutputs } from './requested-outputs';

const EXAMPLE = '{"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","data":[5.1,3.5,1.4,0.2]}]}';

/**
 * Decodes the body of an inference request of the Open Inference Protocol (V2): JSON, followed by the bytes of the inputs that
 * declare `binary_data_size`. `headerLength` is the value of the header Inference-Header-Content-Length: undefined where absent,
 * so that all of the body is JSON; 0 for a body that is the elements of the model's only input.
 *
 * `maxBatchSize` above 0 says that the first axis of every input is a batch: of one size, at most this.
 *
 * Elements may share memory with `body`. Members that the protocol does not know are ignored; a member that comes twice is refused.
 */
export function decodeInfer(
  body: Uint8Array,
  headerLength: number | undefined,
  signature: ModelSignature,
  maxBatchSize = 0,
): InferResult {
  try {
    const request =
      headerLength === 0
        ? readRawRequest(body, signature, maxBatchSize)
        : readRequest(body, headerLength ?? body.byteLength, signature, maxBatchSize);
    return { ok: true, ...request };
  } catch (error) {
    if (error instanceof RefusalError) return { ok: false, code: error.code, problem: error.detail };
    if (error instanceof JsonError) {
      return { ok: false, code: 'invalid-json', problem: describeJsonError(error) + hintAt(body, headerLength) };
    }
    throw error;
  }
}

/** Binary elements that no header announces are read as JSON, and fail as such. */
function hintAt(body: Uint8Array, headerLength: number | undefined): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return headerLength === undefined && bytes.includes('"binary_data_size"')
    ? '; binary data after the JSON needs the header Inference-Header-Content-Length with the length of the JSON'
    : '';
}

function readRequest(
  body: Uint8Array,
  jsonBytes: number,
  signature: ModelSignature,
  maxBatchSize: number,
): InferRequest {
  if (!(jsonBytes >= 0 && jsonBytes <= body.byteLength)) {
    throw new RefusalError(
      'invalid-header',
      `Inference-Header-Content-Length says ${jsonBytes} bytes of JSON, the body has ${body.byteLength} bytes in all`,
    );
  }
  const reader = new RequestReader(body.subarray(0, jsonBytes), signature);
  reader.read();
  const { outputs } = reader;
  checkOutputForms(outputs, signature);
  checkInputCount(reader.inputCount, reader.inputNames, signature);
  const inputs = fitInputs(reader.inputs, body.subarray(jsonBytes), signature, maxBatchSize);
  const { priority, timeoutUs } = reader.parameters;
  return { id: reader.id, inputs, outputs, rows: sharedRows(inputs), priority, timeoutUs };
}

/** Reads the JSON of a request, its members in any order. */
class RequestReader {
  id: string | undefined;
  parameters = NO_PARAMETERS;
  /** As many as the model has at most; {@link inputCount} counts the rest too. */
  readonly inputs: ReceivedInput[] = [];
  inputCount = 0;
  private readonly cursor: JsonCursor;
  private hasInputs = false;
  private named: readonly RequestedOutput[] = [];

  constructor(
    private readonly json: Uint8Array,
    private readonly signature: ModelSignature,
  ) {
    this.cursor = new JsonCursor(json, { nonFiniteNumbers: true, integerTokens: true, uniqueKeys: true });
  }

  get inputNames(): readonly string[] {
    return this.inputs.map(({ name }) => name);
  }

  /** Those the request names, in its order; where it names none, all. */
  get outputs(): readonly RequestedOutput[] {
    return this.named.length > 0 ? this.named : allOutputs(this.signature, this.parameters.binaryOutputs);
  }

  read(): void {
    expectKind(this.cursor, 'object', () => `Expected an object like ${EXAMPLE}`);
    this.cursor.readObject((key) => {
      this.readMember(key);
    });
    this.cursor.readEnd();
    if (!this.hasInputs) throw invalidBody(`Expected an object like ${EXAMPLE}, but "inputs" is missing`);
  }

  private readMember(key: string): void {
    switch (key) {
      case 'id':
        this.readId();
        return;
      case 'parameters':
        this.parameters = readRequestParameters(this.cursor);
        return;
      case 'inputs':
        this.readInputs();
        return;
      case 'outputs':
        this.named = readRequestedOutputs(this.cursor, this.signature);
        return;
      default:
        this.cursor.skip();
    }
  }

  private readId(): void {
    if (readNullFor(this.cursor)) return;
    expectKind(this.cursor, 'string', () => 'Expected "id" to be a string');
    this.id = this.cursor.readString() || undefined;
  }

  private readInputs(): void {
    expectKind(this.cursor, 'array', () => 'Expected "inputs" to be an array');
    this.hasInputs = true;
    const seen = new NamesSeen();
    this.cursor.readArray((position) => {
      this.inputCount++;
      const kept = position < this.signature.inputs.length;
      const name = kept ? this.keepInput(position) : readInputName(this.cursor, position);
      if (name === undefined) return;
      if (seen.has(name)) throw invalidBody(`input ${quoted(name)} already exists in request; send every input once`);
      if (kept) seen.add(name);
    });
  }

  private keepInput(position: number): string {
    const input = readInput(this.cursor, position, this.json.byteLength);
    this.inputs.push(input);
    return input.name;
  }
}
