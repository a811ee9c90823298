"""Sockets, for any application: endpoints, connections and rooms; no rule of the chat.

`application` is the contract with an application, `connecting` connects a client with retries, `dispatcher` dispatches
its events. `transport/` has websockets and queues, `engineio/` and `socketio/` those protocols, `jsonsocket/` plain
JSON, `hub/` the rooms. `reconnecting_redis` and `redis_connection` publish and subscribe for the hub and `engineio/`.
"""
