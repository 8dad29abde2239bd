#!/usr/bin/env python3
"""A TCP relay that stands between a service and its server, and behaves as a bad network does.

usage: relay.py PORT UPSTREAM [--connect MS] [--answer MS]     UPSTREAM: host:port, or a URL that holds one

On the same port it takes orders by HTTP, so that a scenario's user can give them in the middle of a run:
  POST /pass                      everything goes through at once (so it begins)
  POST /slow?connect=150&answer=5 a new connection waits so many ms before it reaches the server, each piece of an
                                  answer so many before it goes on
  POST /silent                    accepts and says nothing, in both directions; what was held goes on afterwards
  POST /reset                     every connection is reset, and each new one, until the next order
  GET  /                          {"mode": …, "accepted": so far, "open": now, "most_open": at once}
What begins with an HTTP method is an order. So the protocol behind must be one in which the client speaks first, and
not HTTP: PostgreSQL's and Redis' are such.
"""
import argparse
import asyncio
import json
import socket
import struct
import sys
from urllib.parse import parse_qs, urlsplit

PIECE = 64 * 1024
ORDER_TIMEOUT = 5  # seconds, for the rest of an order


class Relay:
    def __init__(self, host, port):
        self.upstream = (host, port)
        self.mode = "pass"
        self.connect_delay = 0.0
        self.answer_delay = 0.0
        self.talks = asyncio.Event()
        self.talks.set()
        self.links = set()  # the writers of both sides
        self.accepted = 0
        self.open = 0
        self.most_open = 0

    def status(self):
        return {"mode": self.mode, "accepted": self.accepted, "open": self.open, "most_open": self.most_open}

    def order(self, mode, connect=0.0, answer=0.0):
        self.mode, self.connect_delay, self.answer_delay = mode, connect / 1000, answer / 1000
        if mode == "silent":
            self.talks.clear()
        else:
            self.talks.set()
        if mode == "reset":
            for writer in list(self.links):
                reset(writer)

    async def accept(self, reader, writer):
        try:
            first = await reader.read(PIECE)
            if first.startswith((b"GET /", b"POST /")):
                await self.answer_order(first, reader, writer)
            elif first:
                await self.carry(first, reader, writer)
        except (OSError, asyncio.TimeoutError):
            pass
        finally:
            writer.close()

    async def answer_order(self, head, reader, writer):
        while b"\r\n\r\n" not in head:
            more = await asyncio.wait_for(reader.read(PIECE), ORDER_TIMEOUT)
            if not more:
                return
            head += more
        method, target = head.split(b" ", 2)[:2]
        url = urlsplit(target.decode("latin-1"))
        code = 200
        if method == b"POST" and url.path in ("/pass", "/slow", "/silent", "/reset"):
            given = {name: float(values[-1]) for name, values in parse_qs(url.query).items()}
            self.order(url.path[1:], given.get("connect", 0.0), given.get("answer", 0.0))
        elif method == b"POST" or url.path != "/":
            code = 404
        body = json.dumps(self.status()).encode()
        writer.write(b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
                     % (code, b"OK" if code == 200 else b"Not Found", len(body)) + body)
        await writer.drain()

    async def carry(self, first, reader, writer):
        self.accepted += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        self.links.add(writer)
        up_writer = None
        try:
            await asyncio.sleep(self.connect_delay)
            await self.talks.wait()
            if self.mode == "reset":
                reset(writer)
                return
            up_reader, up_writer = await asyncio.open_connection(*self.upstream)
            self.links.add(up_writer)
            up_writer.write(first)
            await asyncio.gather(self.pump(reader, up_writer, lambda: 0.0),
                                 self.pump(up_reader, writer, lambda: self.answer_delay))
        finally:
            self.open -= 1
            for each in (writer, up_writer):
                if each is not None:
                    self.links.discard(each)
                    each.close()

    async def pump(self, reader, writer, delay):
        try:
            while piece := await reader.read(PIECE):
                if delay() > 0:
                    await asyncio.sleep(delay())
                await self.talks.wait()
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        finally:
            await self.talks.wait()  # also an end is not seen on the other side of a silence
            writer.close()


def reset(writer):
    """RST instead of FIN."""
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def address(text):
    url = urlsplit(text if "//" in text else "//" + text)
    if not url.hostname or not url.port:
        raise argparse.ArgumentTypeError(f'"{text}" names no host and port')
    return url.hostname, url.port


async def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("port", type=int)
    arguments.add_argument("upstream", type=address)
    arguments.add_argument("--connect", type=float, default=0.0, metavar="MS")
    arguments.add_argument("--answer", type=float, default=0.0, metavar="MS")
    given = arguments.parse_args()
    relay = Relay(*given.upstream)
    if given.connect > 0 or given.answer > 0:
        relay.order("slow", given.connect, given.answer)
    server = await asyncio.start_server(relay.accept, "127.0.0.1", given.port, backlog=1024)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(130)
