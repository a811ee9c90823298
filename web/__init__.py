"""The web chat: pages, forms and static files that work in any browser, with or without their script.

A folder holds one feature, and the same modules are found in each: `content` loads what is shown and gives it the shape
that the templates expect, `views` answers GET, `forms` answers POST, `urls` has the addresses. Beside the folders stand
the parts that features share: `shell` (who asks, what surrounds every page, refusals as pages), `page` (a group's page
with a panel beside it) and `forms`. Imports go one way: shell < content < page and forms < features < urls.
No rule of the chat is written here; views and forms call the services and selectors that the API calls.
"""
