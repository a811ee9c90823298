"""Plain JSON over a websocket, for clients without a library (docs/sockets.md).

`connection` is one client's websocket, which `realtime.consumer` opens; `packets` is the codec.
"""
