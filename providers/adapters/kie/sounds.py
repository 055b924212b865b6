"""Speech, dialogues and cleaned-up voices, by ElevenLabs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from providers.adapters.kie.orders import JOBS, Order, each_of
from providers.adapters.places import Place, number, one_of, only, plain


def _order(model: str, places: Mapping[str, Place], **fixed: Any) -> tuple[str, Order]:
    return model, Order(JOBS, "jobs/createTask", "audio", model, places, fixed)


_SPEECH: Mapping[str, Place] = {
    "prompt": plain("text"),
    "voice": plain("voice"),
    "stability": number("stability"),
    "similarity": number("similarity_boost"),
    "style_strength": number("style"),
    "speed": number("speed"),
    "previous_text": plain("previous_text"),
    "next_text": plain("next_text"),
}

MODELS: Mapping[str, Order] = MappingProxyType(
    dict(
        (
            _order("elevenlabs/text-to-speech-turbo-2-5", {**_SPEECH, "language": plain("language_code")}),
            # This one refuses a language: it hears it from the text.
            _order("elevenlabs/text-to-speech-multilingual-v2", _SPEECH, voice="Rachel"),
            _order(
                "elevenlabs/text-to-dialogue-v3",
                {
                    "dialogue": each_of("dialogue", "text", "voice"),
                    "stability": one_of("stability", (0, 0.5, 1)),
                    "language": plain("language_code"),
                },
            ),
            _order("elevenlabs/audio-isolation", {"audios": only("audio_url")}),
        )
    )
)
