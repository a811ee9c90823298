"""Plain JSON over a websocket, for clients without a library (docs/sockets.md).

`endpoint` opens the websockets, `connection` is one client's, `packets` the codec.
"""
