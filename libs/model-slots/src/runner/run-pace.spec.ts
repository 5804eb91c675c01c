import { RunPace } from './run-pace';

it('begins with what was measured', () => {
  expect(new RunPace({ rows: 4, ms: 8 }).msPerRow).toBe(2);
  expect(new RunPace({ rows: 0, ms: 0 }).msPerRow).toBe(0);
});

it('follows a model that became slower, and one that became faster', () => {
  const pace = new RunPace({ rows: 10, ms: 10 });
  for (let run = 0; run < 50; run++) pace.observe(10, 100);
  expect(pace.msPerRow).toBeCloseTo(10, 0);
  for (let run = 0; run < 100; run++) pace.observe(10, 10);
  expect(pace.msPerRow).toBeCloseTo(1, 0);
});

it('is not thrown off by one slow run among many', () => {
  const pace = new RunPace({ rows: 10, ms: 10 });
  for (let run = 0; run < 50; run++) pace.observe(10, 10);
  pace.observe(1, 50);
  expect(pace.msPerRow).toBeLessThan(2);
});
