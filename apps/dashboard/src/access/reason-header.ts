/** Why, for a request without a body; percent-encoded, since a header is ASCII and the server decodes it. Empty for no reason. */
export const reasonHeader = (reason: string): Readonly<Record<string, string>> =>
  reason === '' ? {} : { 'X-Change-Reason': encodeURIComponent(reason) };
