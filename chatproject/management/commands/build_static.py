"""Builds what browsers load: the script and style as one file each, and all static files hashed and compressed."""

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test.utils import override_settings

from web.bundle import BuildFailed, build


class Command(BaseCommand):
    help = "Build the static files into STATIC_ROOT, which servers then serve."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stamp", help="what the sources were, for whoever asks later; kept beside what is built")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEBUG:
            self.stdout.write("with DEBUG, servers serve the sources: nothing is built")
            return
        if not settings.STATIC_ROOT:
            raise CommandError("Set STATIC_ROOT to the folder that servers are to serve.")
        with tempfile.TemporaryDirectory() as built:
            try:
                build(Path(built))
            except BuildFailed as error:
                raise CommandError(f"The script and style could not be built: {error}") from error
            # First in the list, these are found instead of their sources.
            with override_settings(STATICFILES_DIRS=[built, *settings.STATICFILES_DIRS]):
                call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        if options["stamp"]:
            (Path(settings.STATIC_ROOT) / ".built").write_text(options["stamp"])
        self.stdout.write(f"built the static files in {settings.STATIC_ROOT}")
