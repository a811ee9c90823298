"""The HTTP API in OpenAPI 3.1, generated from the views' operations and their serializers.

`schema` describes an operation, `headers` the headers that it takes and returns, `errors` how it may be refused;
`examples` has an example of each field, of which those of whole bodies are made, for the description and for the forms
of the browsable API.
"""
