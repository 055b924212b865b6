"""Documents as people read them: Markdown to HTML, with the operator's name, and differences word by word."""

import difflib
import re
from collections.abc import Iterator

import nh3
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

_TAGS = {"a", "blockquote", "code", "em", "h2", "h3", "hr", "li", "ol", "p", "strong", "table", "tbody", "td", "th",
         "thead", "tr", "ul"}  # fmt: skip
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_PIECES = re.compile(r"\s+|\w+|[^\w\s]", re.UNICODE)
_MARKS = re.compile(r"^#+ |\*\*|`")
_BULLET = re.compile(r"^- ")
_RULE = re.compile(r"[|\s:-]+")
# A changed line of which less than this stays is shown as removed and added: word by word it would be a mosaic.
_ALIKE = 0.4


def html(text: str) -> SafeString:
    """The text as HTML. Of HTML in it nothing survives but what Markdown makes."""
    linked = text.replace("{support}", "<{support}>").replace("{site}", "<{site}>")
    made = nh3.clean(_markdown.render(filled(linked)), tags=_TAGS, attributes={"a": {"href"}}, link_rel=None)
    return mark_safe(made)  # noqa: S308 - cleaned in the line above


def filled(text: str) -> str:
    """The text with what this installation's settings say: who runs the service, and how to reach them."""
    values = {
        "operator": settings.LEGAL_OPERATOR or _("(the operator of this installation has not given a name yet)"),
        "operator_details": settings.LEGAL_OPERATOR_DETAILS or _("(details of the operator are not given yet)"),
        "support": settings.SUPPORT_EMAIL,
        "site": settings.SITE_URL,
    }
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def difference(old: str, new: str) -> SafeString:
    """What changed from `old` to `new`, as HTML: paragraphs with `<ins>` and `<del>` around words."""
    return format_html_join("\n", "<p{}>{}</p>", _paragraphs(_lines(old), _lines(new)))


def _lines(text: str) -> list[str]:
    """The text line by line, as people read it: without the marks of Markdown."""
    lines = (line for line in filled(text).splitlines() if not _RULE.fullmatch(line))
    return [_BULLET.sub("• ", _MARKS.sub("", line)).strip("| ").replace(" | ", " · ") for line in lines]


def _paragraphs(old: list[str], new: list[str]) -> Iterator[tuple[SafeString, SafeString]]:
    """Lines are matched first, then the words of lines that were replaced.."""
    plain = SafeString("")
    for operation, from_old, to_old, from_new, to_new in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        removed = [line for line in old[from_old:to_old] if line.strip()]
        added = [line for line in new[from_new:to_new] if line.strip()]
        if operation == "equal":
            yield from ((plain, SafeString(format_html("{}", line))) for line in removed)
            continue
        together = min(len(removed), len(added))
        for before, after in zip(removed[:together], added[:together], strict=True):
            yield SafeString(' class="changed"'), _words(before, after)
        for line in removed[together:]:
            yield SafeString(' class="changed"'), format_html("<del>{}</del>", line)
        for line in added[together:]:
            yield SafeString(' class="changed"'), format_html("<ins>{}</ins>", line)


def _words(old: str, new: str) -> SafeString:
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return format_html("<del>{}</del> <ins>{}</ins>", old, new)
    shown = []
    for operation, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        removed, added = "".join(before[from_old:to_old]), "".join(after[from_new:to_new])
        if operation == "equal":
            shown.append(format_html("{}", removed))
            continue
        if removed:
            shown.append(format_html("<del>{}</del>", removed))
        if added:
            shown.append(format_html("<ins>{}</ins>", added))
    return SafeString("".join(shown))
