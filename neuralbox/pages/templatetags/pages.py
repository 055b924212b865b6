"""Small pieces of markup that every page uses, and links that keep the reader's language."""

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.urls import translate_url
from django.utils.html import format_html
from django.utils.safestring import SafeString

from neuralbox.pages import wording

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An outline icon of the vendored sprite. It is decoration: the text beside it carries the meaning."""
    kind = f"icon icon--{size}" if size else "icon"
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        kind,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def in_language(context: Context, language: str) -> str:
    """The address of this page in that language, always with its prefix."""
    path: str = context["request"].get_full_path()
    bare = wording.without_prefix(path)
    return translate_url(path, language) if bare != path else f"/{language}{path}"


@register.simple_tag(takes_context=True)
def current(context: Context, *names: str) -> SafeString | str:
    """The attribute that marks the link to the page being read."""
    match = getattr(context.get("request"), "resolver_match", None)
    is_here = match is not None and match.url_name in names
    return SafeString('aria-current="page"') if is_here else ""


@register.filter
def tokens(amount: int) -> str:
    """«12 токенов»: a number with its unit, joined by a non-breaking space."""
    return wording.tokens(amount)


@register.filter
def wait(seconds: int) -> str:
    """«около 40 секунд»: a typical time in words."""
    return wording.wait(seconds)


@register.filter
def modality_icon(modality: str) -> str:
    return wording.MODALITY_ICONS.get(modality, "sparkles")
