// A text message as a WebSocket frame (RFC 6455, 5.2): header and payload in one buffer, built once for all clients.
// A server's frames are not masked and nothing is compressed, so that the bytes are the same for each client.
// `Sender.frame` of ws makes the header alone, as one of two buffers, and is not part of its types.

const FIN_TEXT = 0x81;
const LARGEST_IN_HEADER = 125;
const LARGEST_IN_16_BITS = 0xffff;
const IS_16_BITS = 126;
const IS_64_BITS = 127;

/** @param parts the payload in order: text, or bytes that are UTF-8 */
export function textFrame(...parts: (string | Buffer)[]): Buffer {
  const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  const header = length <= LARGEST_IN_HEADER ? 2 : length <= LARGEST_IN_16_BITS ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = FIN_TEXT;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = IS_16_BITS;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = IS_64_BITS;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  let at = header;
  for (const part of parts) at += typeof part === 'string' ? frame.write(part, at) : part.copy(frame, at);
  return frame;
}
