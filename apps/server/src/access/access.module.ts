import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessSettings, Clock } from '@understudy/platform';
import { TokenVerifier } from '@understudy/store';
import { AccessGuard } from './access.guard';
import { AccessTrail } from './access-trail';
import { Admission } from './admission';
import { AllowedHosts } from './allowed-hosts';
import { TokenSource } from './bearer-tokens';
import { DeclaredAccess } from './declared-access';
import { Gate } from './gate';
import { SessionController } from './session.controller';
import { sessionKey, Sessions } from './sessions';
import { SignInLimits } from './sign-in-limits';
import { TokensController } from './tokens.controller';
import { UsableAccess } from './usable-access';

/** Who may do what: one rule for both doors, tokens for programs, sessions for browsers. */
@Module({
  imports: [DiscoveryModule],
  controllers: [TokensController, SessionController],
  providers: [
    Gate,
    AllowedHosts,
    { provide: TokenSource, useExisting: TokenVerifier },
    Admission,
    DeclaredAccess,
    UsableAccess,
    AccessTrail,
    SignInLimits,
    {
      provide: Sessions,
      useFactory: async ({ mode, adminToken, sessionMs }: AccessSettings, clock: Clock) =>
        new Sessions(await sessionKey(mode === 'tokens' ? adminToken : undefined), sessionMs, () =>
          clock.now().getTime(),
        ),
      inject: [AccessSettings, Clock],
    },
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [Gate, TokenSource],
})
export class AccessModule {}
