"""What `make run` and `make test` start on this machine: PostgreSQL, a Redis-compatible server, an S3 server."""
