/** Ends the MLflow server that the set-up started, with its children. */
export default function globalTeardown(): void {
  const pid = Number(process.env['UNDERSTUDY_TEST_MLFLOW_PID']);
  if (!Number.isInteger(pid) || pid <= 0) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // it ended by itself
  }
}
