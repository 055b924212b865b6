#!/bin/sh
# Background work. Threads, because nearly all of it is waiting for others. Start as many of these as you like.
set -eu
exec celery --app neuralbox worker --pool threads --concurrency "${WORKER_THREADS:-16}" \
    --queues submit,poll,download,webhook,mail,default,sweep --without-gossip --without-mingle --loglevel warning
