"""Prints the OpenAPI document in the form that is named: `python -m chatproject.openapi json`."""

import os
import sys

import django


def main(form: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    django.setup()
    from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

    from .document import JSON, YAML, generate

    renderers = {JSON: OpenApiJsonRenderer, YAML: OpenApiYamlRenderer}
    rendered = renderers[form]().render(generate(), renderer_context={})
    sys.stdout.buffer.write(rendered.encode() if isinstance(rendered, str) else rendered)


if __name__ == "__main__":
    main(sys.argv[1])
