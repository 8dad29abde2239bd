// The WebSocket cycle over Debian's node-ws: node websocket_cycle.js URL CLIENTS SECONDS
"use strict";
const WebSocket = require("ws");

const [url, clients, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const begin = process.hrtime.bigint();
const elapsed = () => Number(process.hrtime.bigint() - begin) / 1e9;
let cycles = 0;
let running = clients;

function cycle() {
  if (elapsed() >= seconds) {
    if (--running === 0) console.log(`${cycles} cycles in ${elapsed()} s`);
    return;
  }
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on("open", () => socket.send(`hello ${cycles}`));
  socket.on("message", () => socket.close());
  socket.on("close", () => { ++cycles; cycle(); });
  socket.on("error", (error) => { console.error(error); process.exit(1); });
}

for (let at = 0; at < clients; ++at) cycle();
