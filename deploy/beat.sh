#!/bin/sh
# The clock. One is enough; a second one does no harm, since every periodic job may run twice.
set -eu
exec celery --app neuralbox beat --schedule "${TMPDIR:-/tmp}/celerybeat-schedule" --pidfile= --loglevel warning
