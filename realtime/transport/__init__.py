"""Open websockets and their buffers: knows frames and bytes, no protocol above them, and nothing of the hub.

A websocket opens in `uvicorn_http`, in `uvicorn_websocket` or in `consumer`, which ask the `endpoint` of its path for a
handler. `direct_socket` and `asgi_socket` are sockets, `websocket` says what a socket and a handler are, and
`buffered_handler` is the base of handlers, with an `inbox` and an `outbox`. `encoded` is the form in which packets
leave, `request` what is read of the handshake; `lenient_json` and `errors` serve all protocols, `timeout_queue` many
time-outs by one timer.
"""
