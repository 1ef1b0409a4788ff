"""Passes TCP connections on: python relay.py LISTEN_HOST PORT TARGET_HOST."""

import asyncio
import sys

HOST, PORT, TARGET = sys.argv[1], int(sys.argv[2]), sys.argv[3]


async def pump(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def serve(reader, writer):
    try:
        there = await asyncio.open_connection(TARGET, PORT)
    except OSError:
        writer.close()
        return
    await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))


async def main():
    server = await asyncio.start_server(serve, HOST, PORT)
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(main())
