#!/bin/sh
# The API and the pages: one process per core, two threads each. Answers on WEB_BIND (0.0.0.0:8000).
set -eu
metrics="${PROMETHEUS_MULTIPROC_DIR:-/run/neuralbox-metrics}"
if [ -w "$metrics" ]; then
    # Counters of earlier processes must not be added to those of the new ones.
    rm -f "$metrics"/*.db
    export PROMETHEUS_MULTIPROC_DIR="$metrics"
fi
exec gunicorn neuralbox.wsgi:application --worker-class gthread \
    --workers "${WEB_PROCESSES:-$(nproc)}" --threads 2 --bind "${WEB_BIND:-0.0.0.0:8000}" \
    --timeout 60 --graceful-timeout 30 --max-requests 20000 --max-requests-jitter 2000 \
    --worker-tmp-dir /dev/shm --no-control-socket
