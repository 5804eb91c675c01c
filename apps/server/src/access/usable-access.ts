import { AccessSettings, Clock, HttpSettings, isLoopback } from '@understudy/platform';
import { Injectable } from '@nestjs/common';
import { TokenVerifier } from '@understudy/store';

/** Sees that somebody can come in at all, where tokens are asked for. */
@Injectable()
export class UsableAccess {
  constructor(
    private readonly access: AccessSettings,
    private readonly http: HttpSettings,
    private readonly tokens: TokenVerifier,
    private readonly clock: Clock,
  ) {}

  check(): void {
    const { mode, adminToken } = this.access;
    if (mode === 'none' || adminToken !== undefined || this.tokens.snapshot.hasUsable(this.clock.now())) return;
    const { host } = this.http;
    throw new Error(
      isLoopback(host)
        ? 'UNDERSTUDY_AUTH: tokens are asked for and there is none, so nobody could do anything. Set UNDERSTUDY_ADMIN_TOKEN, for ' +
            'example to what `openssl rand -hex 32` prints'
        : `HOST: ${host} can be reached from other machines, so tokens are asked for, and there is none. Set UNDERSTUDY_ADMIN_TOKEN, ` +
            'for example to what `openssl rand -hex 32` prints, or listen on 127.0.0.1, or set UNDERSTUDY_AUTH=none to say that ' +
            'everybody who reaches it may do everything',
    );
  }
}
