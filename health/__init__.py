"""Health reports for load balancers and operators.

`checks` has one check per engine (DynamoDB, MongoDB, Redis); `reports` runs them together, within a timeout, and shares
the result among concurrent requests. `process` describes this process. `views` serve `/api/health` and
`/api/health/live`: states to anybody, figures to those whom `access` allows.
"""
