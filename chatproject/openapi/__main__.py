"""Prints the OpenAPI document in the form that is named: `python -m chatproject.openapi json`."""

import os
import sys

import django


def main(form: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    django.setup()
    from drf_spectacular.renderers import OpenApiYamlRenderer
    from rest_framework.renderers import JSONRenderer

    from .document import JSON, YAML, generate

    # Without spaces, which would be half of it.
    renderers = {JSON: JSONRenderer, YAML: OpenApiYamlRenderer}
    rendered = renderers[form]().render(generate(), renderer_context={})
    sys.stdout.buffer.write(rendered.encode() if isinstance(rendered, str) else rendered)


if __name__ == "__main__":
    main(sys.argv[1])
