export { READ_BYTES, readingAsUsual, readingIntoOneBuffer } from './moved-socket';
