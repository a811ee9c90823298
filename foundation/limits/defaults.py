"""How much one caller may do where `RATE_LIMITS` says nothing else (docs/limits.md)."""

RATES = {
    # HTTP requests of a user, or of an address where nobody is signed in; counted in Redis, over all processes.
    "all": "1200/m",
    "write": "30/m",
    "upload": "30/m",
    "list": "300/m",
    "sign_in": "30/m",
    "failed_sign_in": "60/m",
    # How often somebody is put into groups by others; counted in Redis too.
    "added_to_groups": "60/h",
    # What a user does over sockets, over HTTP and in pages alike; counted in the memory of each process.
    "message": "20/4s",
    "thread_sync": "60/12s",
    "thread_read": "60/12s",
    "thread_typing": "60/12s",
    "presence": "20/20s",
    "authenticate": "10/10s",
}
