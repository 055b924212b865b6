"""`manage.py offline_engine`: the AI service of local mode."""

import contextlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from neuralbox.local.ports import is_taken
from providers.adapters.offline import wire


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Runs the offline engine: real files of every modality, made on this machine, as a demonstration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8010)
        parser.add_argument("--workers", type=int, default=2, help="Rendering processes.")
        parser.add_argument("--no-render", action="store_true", help="Answer with tiny constant files (load tests).")

    def handle(self, *, port: int, workers: int, no_render: bool, **options: Any) -> None:
        if not settings.LOCAL_MODE:
            raise CommandError("The offline engine runs in local mode only.")
        if is_taken(port):
            raise CommandError(f"Port {port} is taken: another engine or program listens there.")
        from providers.adapters.offline.engine.options import EngineOptions
        from providers.adapters.offline.engine.server import server

        engine_options = EngineOptions(
            folder=Path(settings.DATA_DIR) / "offline" / str(port),
            api_key=wire.api_key(),
            renders=not no_render,
            workers=workers,
        )
        self.stdout.write(f"The offline engine listens on http://127.0.0.1:{port}")
        with contextlib.suppress(KeyboardInterrupt):  # the server stops in order, then raises it
            server(engine_options, port=port).run()
