import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express } from 'express';

/** Answers a request before Express sees it, or says that it did not. */
export type EarlyHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

type ExpressListener = (request: IncomingMessage, response: ServerResponse) => void;

/** Slow clients are cut after these; Node looks every second. */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
};

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
    const server: Server = createServer(TIMEOUTS, (request, response) => {
      if (!this.early(request, response)) express(request, response);
    });
    server.maxConnections = this.maxConnections;
    this.setHttpServer(server);
  }
}

/** One way to write each path: what guards and doors compare is what the router matches. Must be set before the first route. */
function strictExpress(): Express {
  const application = express();
  application.enable('case sensitive routing');
  application.enable('strict routing');
  return application;
}
