"""The web chat: pages, forms and static files that work in any browser, with or without their script.

A folder holds one feature, and each has the same modules: `content` loads what is shown and gives it the shape that the
templates expect, `views` handles GET, `forms` handles POST, `urls` has the URLs. Beside the folders are the parts that
features share: `shell` (the signed-in user, the sidebar and the headers of every page, error pages), `page` (a group's
page with a panel beside it) and `forms`. Imports go one way: shell < content < page and forms < features < urls.
No rule of the chat is written here; views and forms call the services and selectors that the API calls.
"""
