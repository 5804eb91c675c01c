/** Reads the body, answers a constant: what node:http itself can do. */
import { createServer } from 'node:http';

const ANSWER = '{"predictions":[0,2],"model_used":"current"}';

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    Buffer.concat(chunks);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': ANSWER.length });
    response.end(ANSWER);
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
