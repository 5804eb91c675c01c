/** The interpreter of an environment with these requirements, or why there is none. */
export function pythonEnvironment(
  requirements: string,
  log?: (line: string) => void,
): { readonly ok: true; readonly python: string } | { readonly ok: false; readonly why: string };
