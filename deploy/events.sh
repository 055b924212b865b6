#!/bin/sh
# The event streams: thousands of open connections in a few processes. Answers on EVENTS_HOST:EVENTS_PORT.
set -eu
exec uvicorn neuralbox.asgi:application --host "${EVENTS_HOST:-0.0.0.0}" --port "${EVENTS_PORT:-8001}" \
    --workers "${EVENTS_PROCESSES:-2}" --no-access-log --log-level warning --timeout-graceful-shutdown 5
