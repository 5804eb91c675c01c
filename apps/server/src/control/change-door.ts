import { Injectable } from '@nestjs/common';
import { type ChangeOutcome, DeploymentControl, type Intent } from '@understudy/control';
import type { Request, Response } from 'express';
import { readChangeOptions } from './change-options';
import { describeChange, describeWanted } from './describe-deployment';
import type { ChangeAnswer, DryRunAnswer } from './deployment.dto';

/** The one way from a request to a change: its conditions, a dry run of it, following it, and the headers of its answer. */
@Injectable()
export class ChangeDoor {
  constructor(private readonly control: DeploymentControl) {}

  /** Answers with `toBody` once the change is made; earlier or without one where the request prefers that. */
  async make<Body>(
    request: Request,
    response: Response,
    name: string,
    intent: Intent,
    toBody: (outcome: ChangeOutcome) => Body,
  ): Promise<Body | DryRunAnswer | ChangeAnswer> {
    const { dryRun, respondAsync, ...options } = readChangeOptions(request);
    if (dryRun) {
      const { wouldChange, before, after } = await this.control.foresee(name, intent, options);
      return {
        wouldChange,
        before: before === null ? null : describeWanted(before),
        after: after === null ? null : describeWanted(after),
      };
    }
    const { change, outcome } = this.control.start(name, intent, options);
    if (respondAsync) {
      await change.begun;
      // What is refused at once is refused as it is to who waits.
      if (change.state === 'failed') await outcome;
      response.status(202).setHeader('Location', `/deployments/${encodeURIComponent(name)}/changes/${change.id}`);
      response.setHeader('Preference-Applied', 'respond-async');
      return describeChange(change);
    }
    const made = await outcome;
    if (made.deployment !== null) setETag(response, made.deployment.generation);
    if (!made.recorded) response.setHeader('X-Change-Recorded', 'later');
    return toBody(made);
  }
}

/** The generation as the header that If-Match takes. */
export function setETag(response: Response, generation: number): void {
  response.setHeader('ETag', `"g${generation}"`);
}
