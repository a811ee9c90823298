"""Search in what people have said: every substring of what the caller may read, and nothing else (decision 0054).

`follower` keeps a document for each message in MongoDB (`documents`, `index`), found by the pairs of characters in its
folded text (`keys`). A query is parsed (`query`), and what its operators name is looked up for the caller (`resolving`,
to `criteria`). The `selectors` walk the index from the newest message back (`walking`), or rank what they find there
(`ranking`); what they return is compared once more with the log.
"""
