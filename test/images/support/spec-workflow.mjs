const post = (path, body) =>
  `curl -X POST http://localhost:8000${path} -H "Content-Type: application/json"` +
  (body === undefined ? '' : ` -d '${body}'`);

const predict = post('/predict', '{"data": [[5.1, 3.5, 1.4, 0.2], [6.2, 3.4, 5.4, 2.3]]}');
const setCanary = (probability) => post('/set-canary-probability', `{"probability": ${probability}}`);

/** A canary by the commands that the routes were made for. Version 1 is trained and current before it begins. */
export const SPEC_WORKFLOW = [
  {
    name: 'says that it runs and that both slots are filled',
    command: 'curl http://localhost:8000/',
    answer:
      '{"status":"Understudy MLflow service running","canary_probability":1.0,"current_model_loaded":true,"next_model_loaded":true}',
  },
  { name: 'answers the constant', command: 'curl http://localhost:8000/predict', answer: '{"y_pred":2}' },
  {
    name: 'predicts with current',
    command: predict,
    answer: '{"predictions":[0,2],"model_used":"current"}',
  },
  {
    name: 'another version is trained in the mlflow container',
    command: 'docker exec -it mlflow python /training/train.py --C 0.01 --max-iter 500',
    answer: /^version 2: .* C=0\.01 .* max_iter=500 /,
  },
  {
    name: 'loads it into next',
    command: post('/update-model', '{"model_uri": "models:/tracking-quickstart/2"}'),
    answer: '{"status":"Next model updated from models:/tracking-quickstart/2","canary_probability":1.0}',
  },
  ...[
    ['0.9', '90.0%', '10.0%'],
    ['0.5', '50.0%', '50.0%'],
    ['0.0', '0.0%', '100.0%'],
  ].map(([probability, current, next]) => ({
    name: `gives next ${next} of the requests`,
    command: setCanary(probability),
    answer:
      `{"status":"Canary probability updated","canary_probability":${probability},` +
      `"current_model_percentage":"${current}","next_model_percentage":"${next}"}`,
  })),
  { name: 'predicts with next', command: predict, answer: '{"predictions":[0,2],"model_used":"next"}' },
  {
    name: 'promotes next',
    command: 'curl -X POST http://localhost:8000/accept-next-model',
    answer:
      '{"status":"Next model promoted to current. Both slots now use the same model.","current_model_loaded":true,"next_model_loaded":true}',
  },
  { name: 'gives current everything again', command: setCanary('1.0'), answer: /"canary_probability":1\.0/ },
  {
    name: 'predicts with the promoted version',
    command: predict,
    answer: '{"predictions":[0,2],"model_used":"current"}',
  },
  {
    name: 'rolls back to the version before',
    command: 'curl -X POST http://localhost:8000/rollback',
    answer: /"current_model":"models:\/tracking-quickstart\/1","previous_model":"models:\/tracking-quickstart\/2"/,
  },
];
