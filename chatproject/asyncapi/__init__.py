"""What is said on the sockets, described in AsyncAPI from the code that says it."""
