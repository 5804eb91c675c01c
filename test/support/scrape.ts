import { exchange } from './exchange';

/** One scrape of /metrics, by series as they are written: `name{label="value"}` to value. */
export class Scrape {
  private constructor(
    readonly text: string,
    readonly series: ReadonlyMap<string, number>,
  ) {}

  static async of(url: string): Promise<Scrape> {
    const { status, text } = await exchange(`${url}/metrics`);
    if (status !== 200) throw new Error(text);
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Scrape(text, new Map(lines.map((line) => [nameOf(line), Number(line.slice(line.lastIndexOf(' ')))])));
  }

  /** The series of a metric, by what is between the braces. */
  of(metric: string): Readonly<Record<string, number>> {
    const begin = `${metric}{`;
    const found = [...this.series].filter(([name]) => name.startsWith(begin));
    return Object.fromEntries(found.map(([name, value]) => [name.slice(begin.length, -1), value]));
  }

  /** Of our own metrics. */
  get ownSeries(): readonly string[] {
    return [...this.series.keys()].filter((name) => name.startsWith('understudy_')).sort();
  }
}

const nameOf = (line: string): string => line.slice(0, line.lastIndexOf(' '));
