import fc from 'fast-check';
import { readSessionOptions } from './read-session-options';

describe('the session options of an ONNX flavor', () => {
  it.each<[string, unknown, object]>([
    ['none', null, {}],
    ['empty ones', {}, {}],
    [
      'all that MLflow knows',
      {
        graph_optimization_level: 1,
        intra_op_num_threads: 3,
        inter_op_num_threads: 2,
        execution_mode: 'parallel',
        extra_session_config: { 'session.optimized_model_external_initializers_file_name': '/etc/passwd' },
      },
      { threads: 3, optimization: 'basic' },
    ],
    ['no optimisation', { graph_optimization_level: 0 }, { optimization: 'disabled' }],
    ['more optimisation', { graph_optimization_level: 2 }, { optimization: 'extended' }],
    ['layouts', { graph_optimization_level: 3 }, { optimization: 'all' }],
    ['all optimisation', { graph_optimization_level: 99 }, { optimization: 'all' }],
    ['a level that nobody knows', { graph_optimization_level: 7, intra_op_num_threads: 2 }, { threads: 2 }],
    ['threads that onnxruntime is to choose', { intra_op_num_threads: 0 }, {}],
    [
      'threads that are no number',
      { intra_op_num_threads: '4', graph_optimization_level: 99 },
      { optimization: 'all' },
    ],
    ['a text', 'x', {}],
    ['a list', [1], {}],
  ])('that are %s', (_, onnx_session_options, wishes) => {
    expect(readSessionOptions({ data: 'model.onnx', onnx_session_options })).toEqual(wishes);
  });

  it('are read or left out, never a crash, whatever JSON they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(readSessionOptions(value)).toBeDefined();
        expect(readSessionOptions({ onnx_session_options: value })).toBeDefined();
      }),
    );
  });
});
