"""What the front door lets in, changeable while it is open."""

from antiphon.clock import Clock, SystemClock
from antiphon.errors import BadConfiguration
from antiphon.gateway.callers import TrustedProxies
from antiphon.gateway.keyring import KeyRing
from antiphon.gateway.limits import TokenBuckets
from antiphon.gateway.settings import ServerSettings

FAILURES_BURST, FAILURES_PER_MINUTE = 10, 10
"""Calls without a valid key that an address may make before it is told to stop (P-8)."""


class FrontDoor:
    """Keys, limits, and whether new work is taken.

    Attributes:
        keys: who is let in.
        limits: how often.
        failures: how often an address may call without a valid key.
        proxies: whose word on a caller's address is believed.
        draining: whether new work is refused because the process is about to end.
    """

    def __init__(self, settings: ServerSettings, clock: Clock | None = None) -> None:
        clock = clock or SystemClock()
        self.keys = KeyRing(settings.api_keys, clock)
        self.limits = TokenBuckets(settings.rate_limit_rps, settings.rate_limit_burst, clock)
        self.failures = TokenBuckets(FAILURES_PER_MINUTE / 60, FAILURES_BURST, clock)
        self.proxies = TrustedProxies(settings.trusted_proxies)
        self.draining = False

    def change(self, settings: ServerSettings) -> None:
        """Take over keys, limits and proxies.

        Raises:
            BadConfiguration: that would open the door to everybody, or a proxy is no address; nothing is changed then.
        """
        if self.keys and not settings.api_keys:
            raise BadConfiguration("`server.api_keys` cannot become empty while running", param="server.api_keys")
        self.proxies.set(settings.trusted_proxies)
        self.limits.set(settings.rate_limit_rps, settings.rate_limit_burst)
        self.keys.replace(settings.api_keys)
