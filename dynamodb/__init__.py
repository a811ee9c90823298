"""DynamoDB's HTTP API on the event loop, under PynamoDB's models: one small part of botocore, without its cost.

`call` runs PynamoDB's code and hands out its requests, `client` sends them, `rows` turns them from and into items.
"""
