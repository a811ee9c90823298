"""Engine.IO 4: one session over polling, websocket, and the change from one to the other (docs/realtime.md)."""
