"""Files: what people attach to messages, kept in MongoDB's GridFS.

`file_reference` is what the rest of the server knows of a file, `models` its rows in GridFS, `storage` the MongoDB
client. `services` stores and deletes, with `upload`, `sanitize` and `images` for one file on its way in; `access` and
`selectors` read for a caller; `download` and `range_header` build the HTTP response of `views`. When all bytes of an
upload are there, `arrival` makes a file of it: `content_type`, `charset` and `kinds` say what it is, `images/` prepares
images. `resumable` stores what may be broken off, with `pending` for what is to come, and `tus` and `upload_views` for
its protocol.
"""
