"""bin/translations: brings the catalogs of translations up to date with the sources, and compiles them."""

from bin.local.console import print_line, run_command

USAGE = """\
bin/translations: finds all sentences in templates, Python and the script, writes them into the catalogs of locale/, and
compiles these. bin/translations fr begins a catalog of another language. See docs/translations.md."""


def main(arguments: list[str]) -> int:
    if len(arguments) > 1 or arguments[:1] == ["--help"]:
        print_line(USAGE)
        return 2
    # Only where the tests' packages are installed.
    from .catalogs import compiled, languages, po_path, po_text, untranslated, update
    from .sources import read_sentences

    sentences = read_sentences()
    for language in sorted({*languages(), *arguments}):
        catalog = update(language, sentences)
        po_path(language).parent.mkdir(parents=True, exist_ok=True)
        po_path(language).write_bytes(po_text(catalog))
        print_line(f"{language}: {len(catalog)} sentences, {len(untranslated(catalog))} without a translation")
    for path, content in compiled(sentences):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return 0


if __name__ == "__main__":
    run_command(main)
