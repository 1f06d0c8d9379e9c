/**
 * Who asks, for bounds per caller: the address that the connection comes from. IPv4 addresses come in two forms, as the
 * server's own address is of IPv4 or of IPv6; they are written as IPv4.
 */
export const callerOf = ({ socket }: { socket: { remoteAddress?: string | undefined } }): string =>
  (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
