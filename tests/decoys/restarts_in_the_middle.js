// Speaks to Redis over one connection a topic and writes one log file a topic, each opened when it is first needed and
// kept: at most 200 of both. Ends after EXIT_AFTER requests, as services do that are killed for their memory; who
// started it starts it again. Node's own modules only.
"use strict";
const fs = require("fs");
const http = require("http");
const net = require("net");
const path = require("path");

const redis = new URL(process.env.REDIS);
const topics = new Map();
let requests = 0;

function open_topic(name) {
  const socket = net.connect(Number(redis.port), redis.hostname);
  const log = fs.openSync(path.join(process.env.LOGS, `topic-${name}.log`), "a");
  socket.on("data", () => {});
  topics.set(name, { socket, log });
  return topics.get(name);
}

http
  .createServer((request, answer) => {
    if (request.url === "/topics") {
      answer.end(JSON.stringify({ open: topics.size, requests }));
      return;
    }
    requests += 1;
    if (requests >= Number(process.env.EXIT_AFTER)) {
      process.exit(1);
    }
    const name = request.url.split("/").pop();
    const topic = topics.get(name) ?? open_topic(name);
    topic.socket.write(`INCR topic:${name}\r\n`);
    fs.writeSync(topic.log, "said\n");
    answer.end("ok");
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
