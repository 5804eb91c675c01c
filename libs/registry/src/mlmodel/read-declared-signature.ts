import {
  datatypeFromNumpy,
  type DeclaredColumn,
  type DeclaredItem,
  type DeclaredSignature,
  type DeclaredTensor,
} from '@understudy/inference';
import { z } from 'zod';

const name = z.union([z.string(), z.number().transform(String)]).optional();

const tensor = z
  .object({
    name,
    type: z.literal('tensor'),
    'tensor-spec': z.object({ dtype: z.string(), shape: z.array(z.number().int().min(-1)) }),
  })
  .transform((item): DeclaredTensor => ({
    kind: 'tensor',
    name: item.name,
    datatype: datatypeFromNumpy(item['tensor-spec'].dtype),
    shape: item['tensor-spec'].shape,
  }));

const column = z
  .object({
    name,
    type: z.string().refine((type) => type !== 'tensor'),
    required: z.boolean().optional(),
    optional: z.boolean().optional(),
  })
  .transform((item): DeclaredColumn => ({
    kind: 'column',
    name: item.name,
    type: item.type,
    required: item.required ?? !(item.optional ?? false),
  }));

/** All items are tensors, or all are columns. */
const items = z.union([z.array(tensor), z.array(column)]);

/**
 * Reads the `signature` map of an MLmodel file, whose `inputs` and `outputs` are JSON texts inside the YAML.
 * Returns undefined where there is none, or where it is not of MLflow's form: the graph then speaks for itself.
 */
export function readDeclaredSignature(signature: unknown): DeclaredSignature | undefined {
  if (typeof signature !== 'object' || signature === null) return undefined;
  const inputs = readItems((signature as Record<string, unknown>)['inputs']);
  if (inputs === undefined) return undefined;
  return { inputs, outputs: readItems((signature as Record<string, unknown>)['outputs']) ?? [] };
}

function readItems(text: unknown): readonly DeclaredItem[] | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const parsed = items.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
