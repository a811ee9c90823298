"""Open websockets and their buffers: knows frames and bytes, no protocol above them, and nothing of the hub.

`consumer` is the base of all consumers, `websocket_consumer` that of those which open a websocket. `direct_socket` and
`asgi_socket` are sockets, `websocket` says what a socket and a handler are, and `buffered_handler` is the base of
handlers, with an `inbox` and an `outbox`. `uvicorn_http` and `uvicorn_websocket` are protocols of the server. `encoded`
is the form in which packets leave, `request` what is read of the handshake; `errors` serves all protocols,
`timeout_queue` many time-outs by one timer.
"""
