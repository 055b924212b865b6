#!/bin/bash
# Pins requirements.in and requirements-dev.in with hashes. Versions that are pinned already stay, unless
# `scripts/lock.sh --upgrade` (or `--upgrade-package NAME`) asks for newer ones.
set -euo pipefail
cd "$(dirname "$0")/.."

tools="${NEURALBOX_DATA_DIR:-var}/lock-tools"
[[ -x $tools/bin/uv ]] || .venv/bin/python -m pip install -qq --target "$tools" uv

pin() {
    "$tools/bin/uv" pip compile --quiet --generate-hashes --python-version 3.11 --no-header \
        --no-emit-index-url --no-emit-find-links "$@"
}
pin requirements.in -o requirements.txt "$@"
pin requirements-dev.in -o requirements-dev.txt "$@"
