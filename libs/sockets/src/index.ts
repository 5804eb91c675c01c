export { type ConnectionReader, onread, READ_BYTES, readingAsUsual, readingInPlace } from './moved-socket';
