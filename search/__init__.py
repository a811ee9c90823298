"""Search in what people have said: every substring of what the caller may read, and nothing else (decision 0054).

`follower` keeps a document for each message in MongoDB (`documents`, `index`), found by the pairs of characters in its
folded text (`keys`). A query is parsed (`query`), its operators are resolved for the caller (`criteria`), and the
`selectors` walk the index from the newest message back; what they find is compared once more with the log.
"""
