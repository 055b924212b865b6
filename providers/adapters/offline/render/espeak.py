"""eSpeak NG (GPL-3.0, shipped by the package espeakng-loader), through ctypes. The only module that touches it."""

import ctypes
from functools import lru_cache
from pathlib import Path

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_RATE, _PITCH, _RANGE = 1, 3, 4
_UTF8 = 1
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class SpeechFailed(RuntimeError):
    """The library does not work here, or knows no such voice."""


@lru_cache(maxsize=1)
def _library() -> tuple[ctypes.CDLL, int]:
    """The loaded library and its sample rate. It keeps one state per process: callers take turns."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = Path(espeakng_loader.get_data_path()).parent
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, str(data).encode(), _DONT_EXIT)
    if rate <= 0:
        raise SpeechFailed("eSpeak NG could not be initialised")
    return library, rate


def say(
    text: str, *, voice: str, words_per_minute: int, pitch: int, liveliness: int
) -> tuple[NDArray[np.float32], int]:
    """Speech as mono samples from -1 to 1, and their rate. `pitch` and `liveliness` run from 0 to 100."""
    library, rate = _library()
    blocks: list[NDArray[np.int16]] = []

    def collect(samples: object, count: int, _events: object) -> int:
        if samples and count > 0:
            blocks.append(np.ctypeslib.as_array(samples, shape=(count,)).copy())
        return 0

    callback = _CALLBACK(collect)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise SpeechFailed(f"there is no voice {voice}")
    for parameter, value in ((_RATE, words_per_minute), (_PITCH, pitch), (_RANGE, liveliness)):
        library.espeak_SetParameter(parameter, value, 0)
    raw = text.replace("\x00", " ").encode() + b"\x00"
    if library.espeak_Synth(raw, len(raw), 0, 0, 0, _UTF8, None, None) != 0:
        raise SpeechFailed("eSpeak NG refused the text")
    library.espeak_Synchronize()
    if not blocks:
        return np.zeros(rate // 10, dtype=np.float32), rate
    return np.concatenate(blocks).astype(np.float32) / np.float32(32768), rate
