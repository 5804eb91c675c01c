/**
 * A model in a bare loop: what a runner could do that never waited. bare-loop.mjs MODEL SECONDS THREADS prints runs a second and the
 * first output, which must be the same every time.
 */
import ort from 'onnxruntime-node';

const [model, seconds, threads] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
});
const feeds = { X: new ort.Tensor('float32', Float32Array.of(1, 2, 3, 4), [1, 4]) };
const [output] = session.outputNames;

const run = async () => {
  const results = await session.run(feeds);
  return Array.from(results[output].data, Number);
};

const first = await run();
const startMs = performance.now();
const endMs = startMs + 1000 * Number(seconds);
let runs = 0;
while (performance.now() < endMs) {
  const answer = await run();
  if (answer.some((value, at) => value !== first[at])) throw new Error(`answered ${answer} and ${first}`);
  runs++;
}
console.log(JSON.stringify({ runsPerSecond: (runs / (performance.now() - startMs)) * 1000, answer: first }));
