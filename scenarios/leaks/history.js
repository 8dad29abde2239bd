// With KEEPS=1 remembers 10 KiB of every POST /remember for ever. POST /debug/gc collects garbage, for which node is
// started with --expose-gc. Node's own modules only.
"use strict";
const http = require("http");

const keeps = process.env.KEEPS === "1";
const history = [];

http
  .createServer((request, answer) => {
    if (request.url === "/debug/gc") {
      global.gc();
      answer.end("collected");
    } else if (request.url === "/memory") {
      const { rss, heapUsed } = process.memoryUsage();
      answer.end(JSON.stringify({ rss, heap_used: heapUsed, remembered: history.length }));
    } else if (request.url === "/look") {
      answer.end(String(history.length));
    } else {
      const entry = Array.from({ length: 1280 }, (_, at) => at + 0.5); // eight bytes each
      if (keeps) {
        history.push(entry);
      }
      answer.end(String(entry.length));
    }
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
