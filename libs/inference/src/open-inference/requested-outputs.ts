import type { JsonCursor } from '../json/json-cursor';
import { NamesSeen } from '../json/names-seen';
import type { ModelSignature } from '../signature/signature';
import type { TensorSpec } from '../tensor';
import { whyNotClassified } from './classification';
import { hasJsonForm } from './element-text';
import { expectKind, readNullFor } from './expect-kind';
import type { RequestedOutput } from './infer-request';
import { expectBoolean, expectUnsigned, readParameters } from './parameters';
import { invalidBody, listed, mismatch, quoted, type Where } from './refusal';

/**
 * Reads the `outputs` member of a request (null stands for none). Throws RefusalError for a name that the model does not have or
 * that comes twice, which also bounds how many there are.
 */
export function readRequestedOutputs(cursor: JsonCursor, signature: ModelSignature): RequestedOutput[] {
  const outputs: RequestedOutput[] = [];
  if (readNullFor(cursor)) return outputs;
  expectKind(cursor, 'array', () => 'Expected "outputs" to be an array');
  const seen = new NamesSeen();
  cursor.readArray((position) => {
    const output = readRequestedOutput(cursor, signature, () => `outputs[${position}]`);
    if (seen.has(output.name)) {
      throw invalidBody(`output ${quoted(output.name)} already exists in request; name every output once`);
    }
    seen.add(output.name);
    outputs.push(output);
  });
  return outputs;
}

function readRequestedOutput(cursor: JsonCursor, { outputs }: ModelSignature, where: Where): RequestedOutput {
  expectKind(cursor, 'object', () => `${where()}: expected an object with "name"`);
  let name: string | undefined;
  let binary = false;
  let classification = 0;
  cursor.readObject((key) => {
    if (key === 'name') name = readName(cursor, where);
    else if (key === 'parameters') {
      readParameters(cursor, where, (parameter, value) => {
        if (parameter === 'binary_data') binary = expectBoolean(where, parameter, value);
        else if (parameter === 'classification') classification = expectUnsigned(where, parameter, value);
      });
    } else cursor.skip();
  });
  if (name === undefined) throw invalidBody(`${where()}: "name" is missing`);
  const index = outputs.findIndex((output) => output.name === name);
  if (index < 0) {
    const known = listed(outputs.map((output) => output.name));
    throw invalidBody(`unexpected inference output ${quoted(name)} for model; its outputs are ${known}`);
  }
  return { name, index, binary, classification };
}

/** The text of a `name` member. Throws RefusalError. */
export function readName(cursor: JsonCursor, where: Where): string {
  expectKind(cursor, 'string', () => `${where()}: expected "name" to be a string`);
  return cursor.readString();
}

/** What an answer holds where the request names no output: all of them. */
export function allOutputs({ outputs }: ModelSignature, binary: boolean): RequestedOutput[] {
  return outputs.map(({ name }, index) => ({ name, index, binary, classification: 0 }));
}

/** Throws RefusalError for an output whose datatype has no such form. */
export function checkOutputForms(outputs: readonly RequestedOutput[], signature: ModelSignature): void {
  for (const { name, index, binary, classification } of outputs) {
    const { datatype } = signature.outputs[index] as TensorSpec;
    if (classification > 0) {
      const why = whyNotClassified(datatype);
      if (why !== undefined) throw mismatch(`output ${quoted(name)}: ${why}`);
    } else if (!binary && !hasJsonForm(datatype)) {
      throw mismatch(
        `output ${quoted(name)} is ${datatype}, which has no form in JSON; ask for it with "parameters":{"binary_data":true}`,
      );
    }
  }
}
