import { answerLines } from './answer-lines';

describe('answerLines', () => {
  it('marks the rows in which both answer otherwise, with the names of the classes', () => {
    expect(answerLines([0, 2], [0, 1], ['setosa', 'versicolor', 'virginica'])).toEqual([
      { current: '0 (setosa)', next: '0 (setosa)', differs: false },
      { current: '2 (virginica)', next: '1 (versicolor)', differs: true },
    ]);
  });

  it('takes an arm that did not answer for no difference', () => {
    expect(answerLines([0.5], null, null)).toEqual([{ current: '0.5', next: null, differs: false }]);
  });
});
