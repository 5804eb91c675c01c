import { Module } from '@nestjs/common';
import { CanaryRouter } from './canary-router';
import { RandomSource, SystemRandom } from './random-source';

/** Which slot answers a request. */
@Module({
  providers: [CanaryRouter, { provide: RandomSource, useClass: SystemRandom }],
  exports: [CanaryRouter],
})
export class CanaryModule {}
