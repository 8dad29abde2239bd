// Accepts WebSockets and holds them: answers the handshake and, to a close frame, with one. Node's own modules only.
"use strict";
const crypto = require("crypto");
const http = require("http");

const server = http.createServer((request, answer) => answer.end("ok"));
server.on("upgrade", (request, socket) => {
  const accept = crypto
    .createHash("sha1")
    .update(request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
    .digest("base64");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on("data", (bytes) => {
    if ((bytes[0] & 15) === 8) {
      socket.end(Buffer.from([0x88, 0]));
    }
  });
  socket.on("error", () => {});
});
server.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
