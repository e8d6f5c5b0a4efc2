/** Content whose checksum isn't known yet waits under this prefix; no key of an object may begin with a dot. */
export const stagingPrefix = '.uploads/';
