"""The address of the broker as Celery wants it: one `REDIS_URL` serves everything else."""

from urllib.parse import parse_qs, urlencode, urlsplit


def broker_url(redis_url: str) -> str:
    """The same server for Celery, which writes Unix sockets its own way and would not verify certificates by itself."""
    parts = urlsplit(redis_url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.scheme == "unix":
        return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={query.get('db', '0')}"
    if parts.scheme == "rediss":
        return parts._replace(query=urlencode({"ssl_cert_reqs": "required", **query})).geturl()
    return redis_url
