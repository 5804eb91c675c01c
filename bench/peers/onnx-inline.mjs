/** node:http with the model in the serving process: JSON in, onnxruntime-node in line, JSON out. */
import { createServer } from 'node:http';
import ort from 'onnxruntime-node';

const [port, modelPath] = process.argv.slice(2);
const session = await ort.InferenceSession.create(modelPath, { intraOpNumThreads: 1, interOpNumThreads: 1 });

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    if (request.method === 'GET') return response.end('{}');
    const { data } = JSON.parse(Buffer.concat(chunks).toString());
    const tensor = new ort.Tensor('float32', Float32Array.from(data.flat()), [data.length, data[0].length]);
    const { label } = await session.run({ X: tensor }, ['label']);
    const body = JSON.stringify({ predictions: Array.from(label.data, Number), model_used: 'current' });
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  });
}).listen(Number(port), '127.0.0.1');
