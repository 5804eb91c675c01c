import { DomainError } from '@understudy/platform';
import { z } from 'zod';

const index = z.object({ ready: z.boolean('expected "ready" to be true or false').optional() });

const load = z.object({
  parameters: z.strictObject({ model_uri: z.string('expected "model_uri" to be a model URI').optional() }).optional(),
});

const unload = z.object({ parameters: z.object({ slot: z.literal('next') }) });

/** Whether only what is ready is to be listed. An absent body asks for everything. Throws DomainError `invalid-body`. */
export function readIndexRequest(body: unknown): { readonly onlyReady: boolean } {
  return { onlyReady: read(index, body).ready ?? false };
}

/** The model URI that is to be loaded; undefined where the request names none. Throws DomainError `invalid-body`. */
export function readLoadRequest(body: unknown): string | undefined {
  return read(load, body).parameters?.model_uri;
}

/** Whether an unload asks for next alone. */
export function namesNext(body: unknown): boolean {
  return unload.safeParse(body).success;
}

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.');
  throw new DomainError('invalid-body', `${where}: ${issue?.message ?? 'not understood'}`);
}
