// A pool of Redis connections without a bound: a request takes the connection that was given back last, or opens one; a
// connection that nobody took for 2 s is closed. The pool grows and shrinks with the load. Node's own modules only.
"use strict";
const http = require("http");
const net = require("net");

const idle_ms = 2000;
const redis = new URL(process.env.REDIS);
const idle = []; // the one given back last stands at the end
let open = 0;

function connect(ready) {
  const socket = net.connect(Number(redis.port), redis.hostname, () => ready(socket));
  open += 1;
  socket.on("close", () => {
    open -= 1;
    const at = idle.findIndex((entry) => entry.socket === socket);
    if (at >= 0) {
      idle.splice(at, 1);
    }
  });
  socket.on("error", () => socket.destroy());
}

/// Waits 40 ms in Redis for a list that stays empty: the time for which a request holds its connection.
function ask(socket, answer) {
  socket.once("data", () => {
    idle.push({ socket, since: Date.now() });
    answer.end("ok");
  });
  socket.write("BLPOP nothing 0.04\r\n");
}

setInterval(() => {
  while (idle.length > 0 && Date.now() - idle[0].since > idle_ms) {
    idle.shift().socket.end();
  }
}, 200);

http
  .createServer((request, answer) => {
    if (request.url === "/pool") {
      answer.end(JSON.stringify({ open, idle: idle.length, in_use: open - idle.length }));
    } else if (idle.length > 0) {
      ask(idle.pop().socket, answer);
    } else {
      connect((socket) => ask(socket, answer));
    }
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
