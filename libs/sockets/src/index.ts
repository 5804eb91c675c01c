export { type ConnectionReader, onread, READ_BYTES, readingByHttp, readingInPlace } from './moved-socket';
