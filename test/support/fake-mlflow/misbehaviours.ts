import type { ServerResponse } from 'node:http';
import { type Answer, jsonAnswer, textAnswer } from './routes';

/** Does with the answer that a good server would give something else. Whatever it starts must end with the response. */
export type Misbehaviour = (answer: Answer, response: ServerResponse) => void;

/** Sends an answer as HTTP has it. */
export const send: Misbehaviour = ({ status, headers, body }, response) => {
  response.writeHead(status, { ...headers, 'Content-Length': body.length }).end(body);
};

const instead =
  (answer: Answer): Misbehaviour =>
  (_, response) => {
    send(answer, response);
  };

/** An error, as MLflow or something before it gives it. */
export const fails = (status: number, text = '', headers: Readonly<Record<string, string>> = {}): Misbehaviour =>
  instead({ ...textAnswer(status, text), headers: { 'Content-Type': 'text/plain', ...headers } });

export const redirects = (status: number, location: string): Misbehaviour =>
  instead({ status, headers: { Location: location }, body: Buffer.alloc(0) });

export const saysHtml: Misbehaviour = instead(textAnswer(200, '<html><body>Sign in</body></html>', 'text/html'));

export const saysText = (text: string, headers: Readonly<Record<string, string>> = {}): Misbehaviour =>
  instead({ status: 200, headers, body: Buffer.from(text) });

export const saysJson = (value: unknown): Misbehaviour => instead(jsonAnswer(value));

/** The good answer, with its JSON changed. */
export const changes =
  (change: (json: unknown) => unknown): Misbehaviour =>
  (answer, response) => {
    send(jsonAnswer(change(JSON.parse(answer.body.toString('utf8')))), response);
  };

export const addsHeaders =
  (headers: Readonly<Record<string, string>>): Misbehaviour =>
  (answer, response) => {
    send({ ...answer, headers: { ...answer.headers, ...headers } }, response);
  };

/** Says nothing, ever. */
export const hangs: Misbehaviour = () => undefined;

/** Begins the answer, then says nothing more. */
export const hangsAfter =
  (bytes: number, status?: number): Misbehaviour =>
  (answer, response) => {
    begin({ ...answer, status: status ?? answer.status }, response).write(answer.body.subarray(0, bytes));
  };

/** Ends the connection before an answer. */
export const resets: Misbehaviour = (_, response) => {
  response.socket?.destroy();
};

/** Ends the connection in the middle of the answer. */
export const breaksAfter =
  (bytes: number): Misbehaviour =>
  (answer, response) => {
    begin(answer, response).write(answer.body.subarray(0, bytes), () => response.socket?.destroy());
  };

/** Sends a byte at a time, without end. */
export const drips =
  (everyMs: number): Misbehaviour =>
  ({ status, headers }, response) => {
    response.writeHead(status, headers);
    const timer = setInterval(() => response.write(' '), everyMs);
    response.on('close', () => {
      clearInterval(timer);
    });
  };

/** Sends the answer over and over without a length, until the other side has enough. */
export const neverEnds: Misbehaviour = ({ status, headers, body }, response) => {
  response.writeHead(status, headers);
  const more = (): void => {
    while (!response.destroyed && response.write(body)) continue;
  };
  response.on('drain', more);
  more();
};

/** Sends the answer, and another one that nobody asked for behind it. */
export const answersTwice: Misbehaviour = (answer, response) => {
  const { socket } = response;
  response.on('finish', () => socket?.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'));
  send(answer, response);
};

function begin({ status, headers, body }: Answer, response: ServerResponse): ServerResponse {
  return response.writeHead(status, { ...headers, 'Content-Length': body.length });
}
