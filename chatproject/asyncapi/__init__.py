"""The socket events in AsyncAPI, generated from the code that handles and sends them, and a page that shows them.

`schemas` turns serializers into JSON Schema, `channel` collects the messages of one endpoint, `document` puts both
endpoints together, `page` prepares the document for the page, and `views` serves the two.
"""
