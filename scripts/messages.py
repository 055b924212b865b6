"""Keeps the Russian catalogues in step with the English texts in code and templates.

`messages.py` adds new texts to the .po files (untranslated), drops unused ones and compiles. `messages.py --check`
changes nothing and fails when a text is missing, untranslated, fuzzy or unused, when a translation loses a
placeholder, or when a compiled file is not what its source says. Without gettext's xgettext on the machine, the
comparison with the code is left out, and said to be.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import django
import polib
from django.utils.translation.template import templatize

REPOSITORY = Path(__file__).resolve().parent.parent
APPS = ("accounts", "billing", "generations", "legal", "providers")
KEYWORDS = (
    *("gettext", "gettext_lazy", "gettext_noop", "ngettext:1,2", "ngettext_lazy:1,2"),
    *("pgettext:1c,2", "pgettext_lazy:1c,2", "npgettext:1c,2,3", "npgettext_lazy:1c,2,3", "_"),
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!\{)\{\w*\}(?!\})")

Key = tuple[str | None, str, str]


class Catalogue:
    """One .po file and the folders whose texts belong in it."""

    def __init__(
        self, path: Path, sources: Iterable[Path], *, may_complete_others: bool, language: str = "Python"
    ) -> None:
        self.path = path
        self.language = language
        self.compiled = path.with_suffix(".mo")
        self.sources = tuple(sources)
        # The catalogue of the site also translates texts of installed packages, which no source of ours shows.
        self.may_complete_others = may_complete_others
        self.entries = polib.pofile(str(path)) if path.exists() else polib.POFile()

    def __str__(self) -> str:
        return str(self.path.relative_to(REPOSITORY))


def catalogues() -> list[Catalogue]:
    found = []
    for app in APPS:
        path = REPOSITORY / app / "locale/ru/LC_MESSAGES/django.po"
        found.append(Catalogue(path, [REPOSITORY / app], may_complete_others=False))
    path = REPOSITORY / "locale/ru/LC_MESSAGES/django.po"
    found.append(Catalogue(path, [REPOSITORY / "neuralbox", REPOSITORY / "templates"], may_complete_others=True))
    return found


def script_catalogues() -> list[Catalogue]:
    """What the browser's scripts say. They see no other catalogue, so nothing is shared with one."""
    path = REPOSITORY / "locale/ru/LC_MESSAGES/djangojs.po"
    return [Catalogue(path, [REPOSITORY / "static/js"], may_complete_others=False, language="JavaScript")]


def used_texts(catalogue: Catalogue) -> dict[Key, polib.POEntry]:
    """The texts that the code and templates of a catalogue mark for translation."""
    with tempfile.TemporaryDirectory() as folder:
        if catalogue.language == "JavaScript":
            listed = [str(path) for source in catalogue.sources for path in sorted(source.rglob("*.js"))]
        else:
            listed = [str(path) for path in _readable_by_xgettext(catalogue.sources, Path(folder))]
        output = Path(folder) / "used.pot"
        if not listed:
            return {}
        options = [
            f"--language={catalogue.language}",
            "--from-code=UTF-8",
            "--no-location",
            "--keyword",
            f"--output={output}",
        ]
        keywords = [f"--keyword={keyword}" for keyword in KEYWORDS]
        xgettext = ["xgettext", *options, *keywords, *listed]
        subprocess.run(xgettext, check=True)
        return {_key(entry): entry for entry in polib.pofile(str(output))} if output.exists() else {}


def _readable_by_xgettext(sources: Iterable[Path], folder: Path) -> Iterator[Path]:
    for source in sources:
        for path in sorted(source.rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield path
        for number, path in enumerate(sorted([*source.rglob("*.html"), *source.rglob("*.txt")])):
            as_python = folder / f"{source.name}-{number}.py"
            as_python.write_text(templatize(path.read_text(), origin=str(path)))
            yield as_python


def _key(entry: polib.POEntry) -> Key:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def faults_of_entries(catalogue: Catalogue) -> Iterator[str]:
    for entry in catalogue.entries:
        if entry.obsolete:
            yield f"{catalogue}: obsolete entry {entry.msgid!r}"
        elif entry.fuzzy:
            yield f"{catalogue}: fuzzy: {entry.msgid!r}"
        elif not entry.translated() or (entry.msgid_plural and len(entry.msgstr_plural) < 3):
            yield f"{catalogue}: not translated: {entry.msgid!r}"
        else:
            # One form of a plural may spell its number out; none may invent a placeholder.
            allowed = set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
            for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
                placeholders = set(PLACEHOLDER.findall(text))
                if placeholders - allowed or (not entry.msgid_plural and placeholders != allowed):
                    yield f"{catalogue}: placeholders differ: {entry.msgid!r}"


def faults_of_compiled(catalogue: Catalogue) -> Iterator[str]:
    if not catalogue.path.exists():
        return
    if not catalogue.compiled.exists():
        yield f"{catalogue}: not compiled (make messages)"
        return
    compiled = {_key(entry): _texts(entry) for entry in polib.mofile(str(catalogue.compiled))}
    if compiled != {_key(entry): _texts(entry) for entry in catalogue.entries.translated_entries()}:
        yield f"{catalogue}: the compiled file is not up to date (make messages)"


def _texts(entry: polib.POEntry) -> tuple[str, ...]:
    return (entry.msgstr, *(text for _number, text in sorted(entry.msgstr_plural.items())))


def _translated_by_django(catalogues: Iterable[Catalogue]) -> set[Key]:
    if any(catalogue.language == "JavaScript" for catalogue in catalogues):
        return set()
    path = Path(django.__file__).parent / "conf/locale/ru/LC_MESSAGES/django.po"
    return {_key(entry) for entry in polib.pofile(str(path))}


def check(all_catalogues: list[Catalogue]) -> list[str]:
    faults = []
    for catalogue in all_catalogues:
        faults += [*faults_of_entries(catalogue), *faults_of_compiled(catalogue)]
    if shutil.which("xgettext") is None:
        sys.stdout.write("not compared with the code: xgettext is missing (apt-get install gettext)\n")
        return faults
    known = {_key(entry) for catalogue in all_catalogues for entry in catalogue.entries} | _translated_by_django(
        all_catalogues
    )
    everywhere: set[Key] = set()
    for catalogue in all_catalogues:
        used = used_texts(catalogue).keys()
        everywhere |= used
        faults += [f"{catalogue}: missing: {key[1]!r}" for key in sorted(used - known, key=lambda key: key[1])]
    for catalogue in all_catalogues:
        if not catalogue.may_complete_others:
            unused = [entry for entry in catalogue.entries if _key(entry) not in everywhere]
            faults += [f"{catalogue}: used nowhere: {entry.msgid!r}" for entry in unused]
    return faults


def update(all_catalogues: list[Catalogue]) -> None:
    known = {_key(entry) for catalogue in all_catalogues for entry in catalogue.entries} | _translated_by_django(
        all_catalogues
    )
    used_of = {catalogue: used_texts(catalogue) for catalogue in all_catalogues}
    everywhere = {key for used in used_of.values() for key in used}
    for catalogue, used in used_of.items():
        new = [entry for key, entry in used.items() if key not in known]
        known |= {_key(entry) for entry in new}
        catalogue.entries.extend(new)
        if not catalogue.may_complete_others:
            for entry in [entry for entry in catalogue.entries if _key(entry) not in everywhere]:
                catalogue.entries.remove(entry)
        if catalogue.entries:
            catalogue.entries.metadata = {
                "Language": "ru",
                "MIME-Version": "1.0",
                "Content-Type": "text/plain; charset=UTF-8",
                "Content-Transfer-Encoding": "8bit",
                "Plural-Forms": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && "
                "(n%100<12 || n%100>14) ? 1 : 2);",
            }
            catalogue.path.parent.mkdir(parents=True, exist_ok=True)
            catalogue.entries.save(str(catalogue.path))
            catalogue.entries.save_as_mofile(str(catalogue.compiled))


def main() -> int:
    os.chdir(REPOSITORY)
    faults = []
    for group in (catalogues, script_catalogues):
        if "--check" not in sys.argv[1:]:
            update(group())
        faults += check(group())
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
