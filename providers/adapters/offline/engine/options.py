"""How one engine runs. Tests shorten the times."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EngineOptions:
    folder: Path
    api_key: str
    renders: bool = True
    workers: int = 2
    max_tasks: int = 50_000
    max_file_bytes: int = 200 * 1024 * 1024
    max_stored_bytes: int = 4 * 1024 * 1024 * 1024
    keep_seconds: float = 3600
    tidy_seconds: float = 30
    render_seconds: float = 480
    late_seconds: float = 300
    slow_download_seconds: float = 10
    late_webhook_seconds: float = 15
    webhook_pauses: tuple[float, ...] = (0, 1, 5, 20, 60)
