"""The API as pages, for a person who is signed in: each address with its answer, its links and its forms.

`renderer` is what DRF calls, `forms` makes the forms of the API's own description, `links` shows JSON with links.
"""
