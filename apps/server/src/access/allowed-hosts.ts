import { AccessSettings, DomainError, HttpSettings, isLoopback } from '@understudy/platform';
import { Injectable } from '@nestjs/common';

const MAX_REMEMBERED = 256;

/**
 * The names by which this server may be addressed. A page of any web site can have its own name point at 127.0.0.1 (DNS rebinding)
 * and then talks to a server on loopback as if it were its own; the Host header still tells. Elsewhere a server may have any name,
 * unless the setting lists them.
 */
@Injectable()
export class AllowedHosts {
  private readonly names: ReadonlySet<string>;
  private readonly anyName: boolean;
  /** Headers that were found good, as they came. */
  private readonly good = new Set<string | undefined>();

  constructor({ host }: HttpSettings, { allowedHosts }: AccessSettings) {
    this.names = new Set(allowedHosts);
    this.anyName = !isLoopback(host) && allowedHosts.length === 0;
  }

  /** The problem with a Host header; undefined where it has none. */
  whyNot(host: string | undefined): DomainError | undefined {
    if (this.anyName || this.good.has(host)) return undefined;
    const name = (host ?? '').replace(/:\d*$/, '').toLowerCase();
    if (isLoopback(name) || this.names.has(name)) {
      if (this.good.size < MAX_REMEMBERED) this.good.add(host);
      return undefined;
    }
    return new DomainError(
      'host-not-allowed',
      `Host: expected localhost, 127.0.0.1, [::1] or a name of UNDERSTUDY_ALLOWED_HOSTS, got ${JSON.stringify(name.slice(0, 100))}`,
    );
  }
}
