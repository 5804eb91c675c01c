import { SETTINGS } from '@understudy/platform';

/** The reference table in docs/settings.md, made from the settings themselves. */
export function settingsTable(): string {
  const rows = Object.entries(SETTINGS).map(
    ([name, { byDefault, meaning }]) => `| \`${name}\` | ${byDefault} | ${meaning.replaceAll('|', '\\|')} |`,
  );
  return ['| setting | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
