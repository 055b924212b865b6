"""What the offline engine makes, and which settings of ours it reads."""

from collections.abc import Mapping
from types import MappingProxyType

from providers.base import ModelFacts

_OF = {
    "demo-image": ("image", "prompt style aspect_ratio size count seed output_format"),
    "demo-image-edit": ("image", "image prompt aspect_ratio size count seed output_format"),
    "demo-video": ("video", "prompt first_frame style aspect_ratio resolution duration with_audio seed"),
    "demo-music": ("audio", "prompt mood style duration tempo instrumental count seed output_format"),
    "demo-speech": ("audio", "prompt voice speed pitch language output_format"),
    "demo-avatar": ("video", "script portrait voice speed pitch language aspect_ratio resolution seed"),
    "demo-text": ("text", "prompt seed output_format"),
}
FACTS: Mapping[str, ModelFacts] = MappingProxyType(
    {name: ModelFacts(kind, frozenset(settings.split()) | {"simulate"}) for name, (kind, settings) in _OF.items()}
)
