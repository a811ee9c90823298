"""What is to be done at a time: once each, by any process, also after all were stopped.

A `Handler` registers from above for a kind of entry (`handlers`). `rows` keeps the index: an entry lies in a partition
of the Users table, in the order of time. The `worker` of each process asks for what is due, takes entries by lease, and
has them handled; one that fails is tried again with back-off, and set aside after some tries. `services` lists what
was set aside and has it tried again, for whoever runs the server.

An entry is a pointer: whether there is anything to do is decided by the row that it points to, by a condition. So an
entry that was cancelled or moved may be left where it is, and one that is handled twice has its effect once.
"""
