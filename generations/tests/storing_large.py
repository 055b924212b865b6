"""Run as a program: store a large generated result and print how much memory that took above the beginning, in MiB.

Arguments: the kind (`audio`: all of it is decoded; `video`), MiB of content, a folder.
"""

import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import django

MIB = 1024 * 1024


def _sound(size: int) -> Iterator[bytes]:
    """A WAV of a quiet sawtooth."""
    yield (
        b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2, 48_000, 192_000, 4, 16)
    )
    yield b"data" + struct.pack("<I", size)
    block = bytes(range(0, 128, 2)) * (MIB // 64)
    for _ in range(size // MIB):
        yield block


def _video(size: int, folder: Path) -> Iterator[bytes]:
    """A short MP4 with one very long box that players skip."""
    from generations.tests import samples

    yield samples.video_bytes(folder)
    yield struct.pack(">I4s", size, b"free")
    yield bytes(MIB - 8)
    for _ in range(size // MIB - 1):
        yield bytes(MIB)


def _memory(what: str) -> float:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024


def main(kind: str, mebibytes: int, folder: Path) -> None:
    django.setup()
    from generations.services import files

    def store(size: int) -> files.StoredOutput:
        content = _sound(size) if kind == "audio" else _video(size, folder)
        return files.store_output(content, folder=f"results/large/{kind}", kind=kind, limit_bytes=2 * size + MIB)

    store(9 * MIB)
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    kept = store(mebibytes * MIB)
    assert kept.bytes > mebibytes * MIB
    print(round(_memory("VmHWM") - before, 1))  # noqa: T201 - its answer
    files.delete([kept.storage_key, kept.thumbnail_key])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "neuralbox.settings.test")
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
