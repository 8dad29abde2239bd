// Takes uploads into a temporary file each. When an upload is broken off its file is removed and closed, but every
// FORGETS-th time it is only removed: the descriptor stays open for ever (0: never). Node's own modules only.
"use strict";
const fs = require("fs");
const http = require("http");
const path = require("path");

const forgets = Number(process.env.FORGETS);
let aborted = 0;
let taken = 0;

function take(request, answer) {
  taken += 1;
  const name = path.join(process.env.UPLOADS, `upload-${taken}`);
  const file = fs.openSync(name, "w");
  request.on("data", (bytes) => fs.writeSync(file, bytes));
  request.on("error", () => {}); // "close" follows
  request.on("close", () => {
    fs.unlinkSync(name);
    if (!request.complete) {
      aborted += 1;
      if (forgets > 0 && aborted % forgets === 0) {
        return;
      }
    }
    fs.closeSync(file);
  });
  request.on("end", () => answer.end("stored"));
}

http
  .createServer((request, answer) => {
    if (request.method === "POST") {
      take(request, answer);
    } else {
      answer.end(JSON.stringify({ aborted, taken }));
    }
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
