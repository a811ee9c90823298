"""DynamoDB's HTTP API on the event loop: PynamoDB's models stay, botocore's blocking transport is replaced.

`store` is the entry point: it runs PynamoDB's code and translates its errors. `greenlets` suspends that code while a
request is in flight. `client` signs (`signing`, `credentials`), sends and retries requests over a `pool` of HTTP
`connection`s, and `errors` builds botocore's exceptions; `proxies` refuses what the client cannot use. `rows` converts
rows to items and back; `batch_loader` merges concurrent reads into one `BatchGetItem`.
"""
