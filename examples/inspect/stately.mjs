// @ts-check
// Stately's inspector on a server with MAESTRO_INSPECT=1: `node examples/inspect/stately.mjs [ws://…/inspect]`, then open
// the address that it prints. The inspector is a page of stately.ai; the page that is served here holds it in a frame and
// hands on to it what the server tells this browser.
import { createServer } from 'node:http';

const server = process.argv[2] ?? 'ws://localhost:3000/inspect';
const inspector = process.argv[3] ?? 'https://stately.ai/inspect';
const port = Number(process.env['PORT'] ?? 8080);

/** For a script within a page. @param {string} text */
const quoted = (text) => JSON.stringify(text).replaceAll('<', '\\u003c');

const page = `<!doctype html>
<title>Maestro in Stately's inspector</title>
<style>html, body { height: 100%; margin: 0 } iframe { width: 100%; height: 100%; border: 0 }</style>
<iframe></iframe>
<script type="module">
const frame = document.querySelector('iframe');
let socket = null;
// The inspector says when it listens. Attached only then, it hears of every actor from the start.
window.addEventListener('message', ({ source, data }) => {
  if (source !== frame.contentWindow || data?.type !== '@statelyai.connected') return;
  socket?.close();
  socket = new WebSocket(${quoted(server)});
  socket.onmessage = ({ data }) => frame.contentWindow.postMessage(JSON.parse(data), ${quoted(new URL(inspector).origin)});
  socket.onclose = ({ code }) => { document.title = 'Maestro: detached (' + code + ')' };
});
frame.src = ${quoted(inspector)};
</script>
`;

const http = createServer(({ headers }, response) => {
  // The address of the server may hold its token: a name that somebody made to mean this machine gets nothing.
  const isLocal = /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(headers.host ?? '');
  response.writeHead(isLocal ? 200 : 403, { 'content-type': 'text/html; charset=utf-8' });
  response.end(isLocal ? page : '');
});
http.listen(port, '127.0.0.1', () => {
  const address = http.address();
  console.log(`open http://localhost:${typeof address === 'object' ? address?.port : port}`);
});
