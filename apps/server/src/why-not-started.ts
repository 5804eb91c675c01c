import { messageOf } from '@understudy/platform';

/** What somebody reads whose server did not start; where it is the port or the address, with what to do about it. */
export function whyNotStarted(error: unknown): string {
  const { code, address, port } = error as {
    readonly code?: string;
    readonly address?: string;
    readonly port?: number;
  };
  if (address !== undefined && port !== undefined) {
    if (code === 'EADDRINUSE')
      return `another program listens at ${address}, port ${port}. Set PORT to another one, or to 0 for any that is free`;
    if (code === 'EACCES') return `this user may not listen at port ${port}. Set PORT to one from 1024 on`;
    if (code === 'EADDRNOTAVAIL')
      return `this machine has no address ${address}. Set HOST to one that it has, or to 0.0.0.0 for all of them`;
  }
  return messageOf(error);
}
