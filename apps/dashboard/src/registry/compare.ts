/** One line of a comparison: a param or a metric, its value in each version, and whether they differ. */
export interface ComparedLine {
  readonly name: string;
  readonly values: readonly (string | number | null)[];
  readonly differs: boolean;
}

type Values = Readonly<Record<string, string | number | null>>;

/** The params or metrics of several versions side by side, by name; those that differ first. */
export function compare(versions: readonly Values[]): ComparedLine[] {
  const names = [...new Set(versions.flatMap((values) => Object.keys(values)))].sort((a, b) =>
    a.localeCompare(b, 'en'),
  );
  const lines = names.map((name) => {
    const values = versions.map((version) => version[name] ?? null);
    return { name, values, differs: new Set(values.map(String)).size > 1 };
  });
  return [...lines.filter(({ differs }) => differs), ...lines.filter(({ differs }) => !differs)];
}

/** Version order is numeric: 10 comes after 9. */
export function byVersion(a: { readonly version: string }, b: { readonly version: string }): number {
  return Number(a.version) - Number(b.version);
}
