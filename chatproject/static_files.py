"""How built static files are named and kept (docs/decisions/0059)."""

from pathlib import Path

from whitenoise.storage import CompressedManifestStaticFilesStorage

# What `manage.py build_static` has written last of all.
MANIFEST = "staticfiles.json"


class BuiltStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # it has no types
    """Names each file by its content, so that browsers keep it for ever, and compresses it once."""

    support_js_module_import_aggregation = True


def is_built(folder: str) -> bool:
    return (Path(folder) / MANIFEST).is_file()
