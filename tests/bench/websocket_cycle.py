#!/usr/bin/python3
"""The WebSocket cycle over Debian's python3-websockets: websocket_cycle.py URL CLIENTS SECONDS."""
import asyncio
import sys
import time

import websockets


async def client(url, end):
    cycles = 0
    while time.monotonic() < end:
        async with websockets.connect(url, compression=None) as socket:
            await socket.send(f"hello {cycles}")
            await socket.recv()
        cycles += 1
    return cycles


async def main(url, clients, seconds):
    begin = time.monotonic()
    cycles = await asyncio.gather(*(client(url, begin + seconds) for _ in range(clients)))
    print(f"{sum(cycles)} cycles in {time.monotonic() - begin} s")


asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
