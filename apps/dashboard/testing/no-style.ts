/** Style sheets in tests: every class is named like its key. */
export default new Proxy<Record<string, string>>({}, { get: (_target, key) => String(key) });
