import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express } from 'express';
import { FrontServer } from './front-server';
import type { PlainTaker } from './plain/plain-connection';

/** Answers a request before Express sees it, or says that it did not. */
export type EarlyHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

type ExpressListener = (request: IncomingMessage, response: ServerResponse) => void;

/** Nest's Express adapter with a door in front of it. */
export class FrontDoorAdapter extends ExpressAdapter {
  private early: EarlyHandler = () => false;

  constructor(private readonly maxConnections: number) {
    super(strictExpress());
  }

  /** From now on `handler` sees each request first. */
  openFrontDoor(handler: EarlyHandler): void {
    this.early = handler;
  }

  override initHttpServer(_options: NestApplicationOptions): void {
    const express = this.getInstance<ExpressListener>();
    const server = new FrontServer((request, response) => {
      if (!this.early(request, response)) express(request, response);
    });
    server.maxConnections = this.maxConnections;
    this.setHttpServer(server);
  }

  /** From now on plain predictions do not even get to node:http. */
  takePlain(taker: PlainTaker): void {
    (this.getHttpServer() as FrontServer).takePlain(taker);
  }
}

/** One way to write each path: what guards and doors compare is what the router matches. Must be set before the first route. */
function strictExpress(): Express {
  const application = express();
  application.enable('case sensitive routing');
  application.enable('strict routing');
  return application;
}
