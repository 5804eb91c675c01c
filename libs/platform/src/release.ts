/** The release that runs, as answers and replicas tell it. */
export const RELEASE = '0.1.0';
