import asyncio, os, time
from tests.files.conftest import *
from tests.files.conftest import _stores
from tests.files.test_memory import _form, _unowned_chunks, MEGABYTE
from tests.files.serving import serving
async def test_x(alice, group_id, tmp_path):
    async with serving({"TMPDIR": str(tmp_path)}) as server:
        for delay in (0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5):
            b4=await _unowned_chunks()
            before, after, ct = _form(group_id)
            body = before + bytes(40 * MEGABYTE) + after
            _, w = await asyncio.open_connection("127.0.0.1", server.port)
            w.write(f"POST /api/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {alice.token}\r\nContent-Type: {ct}\r\nContent-Length: {len(body)}\r\n\r\n".encode()+body)
            await w.drain()
            while w.transport.get_write_buffer_size(): await asyncio.sleep(0.001)
            await asyncio.sleep(delay)
            mid = len(await _unowned_chunks()-b4)
            w.transport.abort()
            t=time.time()
            while (await _unowned_chunks()-b4) or os.listdir(tmp_path): await asyncio.sleep(0.01)
            print("delay",delay,"inflight",mid,"files", await count_left(group_id),"clean after", round(time.time()-t,2))
            await asyncio.sleep(0.5)
            print("  later files", await count_left(group_id), len(await _unowned_chunks()-b4), os.listdir(tmp_path))
