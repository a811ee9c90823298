"""Sockets, for any application: consumers, connections and rooms; no rule of the chat.

`consumer` is the base of an application's consumers, `client_event` declares their events, `application` is what the
protocols call. `connecting` connects a client with retries, `dispatcher` dispatches its events. `transport/` has
websockets and queues, `engineio/` and `socketio/` those protocols, `jsonsocket/` plain JSON, `hub/` the rooms.
"""
