export { default } from '../../support/build-once';
