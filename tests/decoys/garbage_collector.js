// Every request works with 256 KiB; the last 60 are kept for those who ask again, the others are nobody's. They have
// grown old by then, and V8 lets them pile up before it takes them all at once: memory saws. Node's own modules only.
"use strict";
const http = require("http");

const kept = new Array(60).fill(null);
let requests = 0;

http
  .createServer((request, answer) => {
    if (request.url === "/memory") {
      const { rss, heapUsed, external } = process.memoryUsage();
      answer.end(JSON.stringify({ rss, heap_used: heapUsed, external_bytes: external }));
      return;
    }
    const work = Buffer.alloc(256 * 1024, request.url);
    kept[requests % kept.length] = work;
    requests += 1;
    const letters = Array.from(work.subarray(0, 4096));
    answer.end(String(letters.reduce((sum, letter) => sum + letter, 0)));
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
