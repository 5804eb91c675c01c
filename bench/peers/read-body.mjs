/** Reads the body, whatever its size, and says how many bytes came: what receiving a large tensor costs by itself. */
import { createServer } from 'node:http';

createServer((request, response) => {
  let bytes = 0;
  request.on('data', (chunk) => (bytes += chunk.length));
  request.on('end', () => {
    const body = JSON.stringify({ bytes });
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
    response.end(body);
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
