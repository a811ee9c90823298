"""Sends a message to the user's first group and prints all frames: python ws_client.py WS_URL TOKEN TEXT."""

import asyncio
import json
import sys
import uuid

import websockets


async def main(url: str, token: str, text: str) -> None:
    since: dict[str, int] = {}  # the last seq of each group, kept across connections
    unsent = {"content": text, "clientId": str(uuid.uuid4())}  # retries have the same clientId
    async for socket in websockets.connect(url):  # reconnects when the connection is lost
        await socket.send(json.dumps({"event": "connect", "data": {"token": token, "since": since}}))
        try:
            async for raw in socket:
                frame = json.loads(raw)
                event, data = frame.get("event"), frame["data"]
                if event == "ready":
                    for group in data["groups"]:
                        since.setdefault(group["id"], group["head"])
                    message = {**unsent, "groupId": data["groups"][0]["id"]}
                    await socket.send(json.dumps({"event": "message", "data": message, "ack": 1}))
                elif "seq" in data:
                    since[data["groupId"]] = data["seq"]
                print(json.dumps(frame), flush=True)
        except websockets.ConnectionClosed:
            continue


asyncio.run(main(*sys.argv[1:4]))
