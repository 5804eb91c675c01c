import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express } from 'express';
import { OneWriteResponse } from './one-write-response';
import { TIMEOUTS } from './timeouts';
import { WholeBodyRequest } from './whole-body-request';

/** Answers a request before Express sees it, or says that it did not. */
export type EarlyHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

type ExpressListener = (request: IncomingMessage, response: ServerResponse) => void;

const OPTIONS = { ...TIMEOUTS, IncomingMessage: WholeBodyRequest, ServerResponse: OneWriteResponse };

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
    const server = frontServer((request, response) => {
      if (!this.early(request, response)) express(request, response);
    });
    server.maxConnections = this.maxConnections;
    this.setHttpServer(server);
  }
}

/** An HTTP server as this product has it: slow clients are cut. */
export function frontServer(listener: (request: IncomingMessage, response: ServerResponse) => void): Server {
  return createServer(OPTIONS, listener);
}

/** One way to write each path: what guards and doors compare is what the router matches. Must be set before the first route. */
function strictExpress(): Express {
  const application = express();
  application.enable('case sensitive routing');
  application.enable('strict routing');
  return application;
}
