// A cache that holds its bound: 4,000 pages of 4 KiB, the one that was not asked for longest goes first. Under load it
// fills and then stays full, which is what a cache is for. Node's own modules only.
"use strict";
const http = require("http");

const most_entries = 4000;
const page_bytes = 4096;
const cache = new Map(); // in the order of use

function page(key) {
  let found = cache.get(key);
  if (found === undefined) {
    found = Buffer.alloc(page_bytes, key);
    if (cache.size >= most_entries) {
      cache.delete(cache.keys().next().value);
    }
  } else {
    cache.delete(key);
  }
  cache.set(key, found);
  return found;
}

http
  .createServer((request, answer) => {
    if (request.url === "/cache") {
      answer.end(JSON.stringify({ entries: cache.size, heap_used: process.memoryUsage().heapUsed }));
    } else {
      answer.end(page(request.url));
    }
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
