/** All addresses of this machine's own loopback are one caller. */
const LOOPBACK = 'loopback';

/** Who asks, for bounds per caller: the address that the connection comes from. */
export function callerOf({ socket }: { socket: { remoteAddress?: string | undefined } }): string {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  return address === '::1' || address.startsWith('127.') ? LOOPBACK : address;
}
