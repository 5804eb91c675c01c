import { readMediaType } from './media-type';
import { encodeScoringFailure, toScoringFailure } from './scoring-failure';

function refusal(contentType: string | undefined): unknown {
  try {
    return readMediaType(contentType);
  } catch (error) {
    return encodeScoringFailure(toScoringFailure(error));
  }
}

const plain = (body: string) => ({ contentType: 'text/plain; charset=utf-8', body });

describe('the content type of a scoring request', () => {
  it.each([
    ['application/json', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['application/json;charset="UTF-8"', 'json'],
    ['Application/JSON;', 'json'],
    ['text/csv', 'csv'],
    ['text/csv ; charset=utf-8', 'csv'],
  ])('%s is %s', (contentType, kind) => {
    expect(readMediaType(contentType)).toBe(kind);
  });

  it.each([
    [undefined, 'got no Content-Type. Send the header "Content-Type: application/json"'],
    ['', 'got no Content-Type. Send the header "Content-Type: application/json"'],
    ['text/plain', 'got Content-Type "text/plain"'],
    ['application/vnd.apache.parquet', 'got Content-Type "application/vnd.apache.parquet"'],
    ['application/x-www-form-urlencoded', 'got Content-Type "application/x-www-form-urlencoded"'],
    ['multipart/form-data; boundary=x', 'got Content-Type "multipart/form-data; boundary=x"'],
    ['application/json; charset=latin1', 'got "charset=latin1". Send the text as UTF-8'],
    [
      'application/json; format=pandas-split',
      'got the Content-Type parameter "format". That parameter is of MLflow before 2.0. Leave it out, and put the data under "dataframe_split" or "dataframe_records"',
    ],
    ['text/csv; header=present', 'got the Content-Type parameter "header". Leave it out'],
  ])('cases 19, 20: %s is refused with 415 in plain text', (contentType, problem) => {
    expect(refusal(contentType)).toEqual(plain(`Expected application/json or text/csv in UTF-8, ${problem}`));
  });

  it('a refusal with a code is JSON of the form that MLflow has', () => {
    expect(encodeScoringFailure({ status: 400, errorCode: 'BAD_REQUEST', message: 'a "b"' })).toEqual({
      contentType: 'application/json',
      body: '{"error_code":"BAD_REQUEST","message":"a \\"b\\""}',
    });
  });
});
