"""How often one caller may call: counted in Redis, in one atomic script and one round trip per request.

These limits are for politeness and against floods. What costs tokens is limited in the database (spend caps).
When Redis does not answer, requests pass.
"""

import ipaddress
import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

logger = logging.getLogger(__name__)

SOCKET_SECONDS = 0.25
REST_AFTER_FAILURE_SECONDS = 5.0

# A sliding window of two counters per key: what was counted in the last whole window fades out while the present one
# runs. All limits of a call are looked at first; only when none is passed are they counted.
_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local answers, all_pass, states = {}, 1, {}
for i, key in ipairs(KEYS) do
    local limit, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local index = math.floor(now / window)
    local elapsed = now - index * window
    local kept = redis.call('HMGET', key, 'index', 'current', 'previous')
    local at, current, previous = tonumber(kept[1]), tonumber(kept[2]) or 0, tonumber(kept[3]) or 0
    if at ~= index then
        previous = (at == index - 1) and current or 0
        current = 0
    end
    local used = previous * (1 - elapsed / window) + current
    local wait = 0
    if used + 1 > limit then
        all_pass = 0
        if current + 1 <= limit and previous > 0 then
            wait = window * (1 - (limit - 1 - current) / previous) - elapsed
        else
            wait = window - elapsed
            if current + 1 > limit then wait = wait + window * (1 - (limit - 1) / current) end
        end
    end
    states[i] = {key, index, current, previous, window}
    answers[i] = {used, wait, window - elapsed}
end
local shown = {all_pass}
for i, state in ipairs(states) do
    local used = answers[i][1]
    if all_pass == 1 then
        redis.call('HSET', state[1], 'index', state[2], 'current', state[3] + 1, 'previous', state[4])
        redis.call('EXPIRE', state[1], state[5] * 2 + 1)
        used = used + 1
    end
    shown[i + 1] = {tostring(used), tostring(answers[i][2]), tostring(answers[i][3])}
end
return shown
"""


@dataclass(frozen=True, slots=True)
class Policy:
    """`limit` calls in `window` seconds, under a name that callers see."""

    name: str
    limit: int
    window: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Where a caller stands under one policy: calls left, seconds until the window turns, seconds to wait now."""

    policy: Policy
    remaining: int
    reset: int
    wait: int


@dataclass(frozen=True, slots=True)
class Decision:
    """`allowed`, and the state of each policy (empty when Redis did not answer)."""

    allowed: bool
    usages: tuple[Usage, ...] = ()

    @property
    def wait(self) -> int:
        """Seconds after which the call would pass; 0 when it passes now."""
        return max((usage.wait for usage in self.usages), default=0)

    @property
    def headers(self) -> dict[str, str]:
        """`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers, structured fields)."""
        if not self.usages:
            return {}
        state = ", ".join(f'"{usage.policy.name}";r={usage.remaining};t={usage.reset}' for usage in self.usages)
        policies = ", ".join(
            f'"{usage.policy.name}";q={usage.policy.limit};w={usage.policy.window}' for usage in self.usages
        )
        return {"RateLimit": state, "RateLimit-Policy": policies}


def policy(name: str) -> Policy:
    """The policy `name` of the setting RATE_LIMITS, which reads `"<calls>/<seconds>"`."""
    limit, window = settings.RATE_LIMITS[name].split("/")
    return Policy(name, int(limit), int(window))


class Limiter:
    """Counts calls on one Redis server. When that fails, calls pass, and Redis is left alone for some seconds."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS, retry=None
        )
        self._script = self._client.register_script(_SCRIPT)
        self._resting_until = 0.0

    def count(self, identity: str, counters: Mapping[str, Policy]) -> Decision:
        """Count one call of `identity` on all of its named `counters`, or on none when one of them is full."""
        if time.monotonic() < self._resting_until:
            return Decision(True)
        # The braces keep all counters of one caller on one node of a Redis cluster.
        keys = [f"nb:rate:{{{identity}}}:{name}" for name in counters]
        limits = [number for one in counters.values() for number in (one.limit, one.window)]
        try:
            allowed, *states = self._script(keys, limits)
        except redis.RedisError as error:
            self._resting_until = time.monotonic() + REST_AFTER_FAILURE_SECONDS
            logger.warning("rate limits are off: Redis does not answer (%s)", type(error).__name__)
            return Decision(True)
        return Decision(bool(allowed), tuple(map(_usage, counters.values(), states)))


def _usage(one: Policy, state: Sequence[bytes]) -> Usage:
    used, wait, reset = (float(number) for number in state)
    return Usage(one, max(0, math.floor(one.limit - used)), math.ceil(reset), math.ceil(wait))


@lru_cache(maxsize=4)
def limiter(url: str) -> Limiter:
    return Limiter(url)


def count(identity: str, counters: Mapping[str, str]) -> Decision:
    """Count one call of `identity`. `counters` says for each counter which policy of RATE_LIMITS it is under."""
    policies = {counter: policy(name) for counter, name in counters.items()}
    return limiter(settings.REDIS_URL).count(identity, policies)


def count_address(request: HttpRequest | Request, name: str) -> Decision:
    """Count one call by the caller's address under the policy `name`; for doors outside of the API."""
    return count(_address_identity(request), {name: name})


class CallerRateLimit(BaseThrottle):
    """Limits an API key by its own and its account's policy, a person by the account's, others by their address.

    `request.auth` may name counters beside the account's: `rate_counters = {"key:<id>": "key"}`.
    A view with `rate_limit = "sign_in"` counts by address under that policy instead.
    """

    def __init__(self) -> None:
        self._decision = Decision(True)

    def allow_request(self, request: Request, view: Any) -> bool:
        if named := getattr(view, "rate_limit", None):
            self._decision = count(_address_identity(request), {named: named})
        else:
            self._decision = count(*_caller(request))
        view.headers.update(self._decision.headers)
        return self._decision.allowed

    def wait(self) -> float:
        return float(max(1, self._decision.wait))


def _caller(request: Request) -> tuple[str, dict[str, str]]:
    if request.user and request.user.is_authenticated:
        return f"user:{request.user.pk}", {"account": "account"} | getattr(request.auth, "rate_counters", {})
    return _address_identity(request), {"anonymous": "anonymous"}


def _address_identity(request: HttpRequest | Request) -> str:
    """IPv6 callers count by their /64: whoever has one address there has all of them."""
    address = client_address(request)
    if address is None:
        return "address:unknown"
    if ":" in address:
        return f"address:{ipaddress.ip_network((address, 64), strict=False).network_address}"
    return f"address:{address}"


def client_address(request: HttpRequest | Request) -> str | None:
    """The caller's address, as far as TRUSTED_PROXIES proxies in front of us can tell.

    Each trusted proxy has appended the address that it saw to `X-Forwarded-For`; what stands further left was
    written by the caller and is not believed. None when there is no valid address.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if hops := settings.TRUSTED_PROXIES:
        forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if len(forwarded) >= hops:
            address = forwarded[-hops]
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return str(mapped or ip)
