"""Whose address a request comes from, where proxies stand in between."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

from antiphon.errors import BadConfiguration

IPV6_PREFIX = 64
"""Whoever has one IPv6 address has this whole network of them."""


class TrustedProxies:
    """Believes X-Forwarded-For only where one of the operator's own proxies wrote it."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Trust these addresses and networks.

        Raises:
            BadConfiguration: one of them is neither.
        """
        self.set(networks)

    def set(self, networks: Iterable[str]) -> None:
        """From now on trust these.

        Raises:
            BadConfiguration: one of them is neither an address nor a network.
        """
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(map(_network, networks))

    def client(self, scope: Scope) -> str:
        """The caller's address, as one name for all addresses it may have at once."""
        return _named(self.address(scope))

    def address(self, scope: Scope) -> str:
        """The caller's address; empty where nothing tells it."""
        peer = scope.get("client")
        address = str(peer[0]) if peer else ""
        if self._networks and self._trusts(address):
            address = self._behind(Headers(scope=scope).getlist("x-forwarded-for"), address)
        return address

    def _behind(self, forwarded: Iterable[str], peer: str) -> str:
        """The last address that is none of our proxies: what stands before it anybody may have written."""
        for hop in reversed([part.strip() for value in forwarded for part in value.split(",")]):
            if _parsed(hop) is None:
                return peer
            peer = hop
            if not self._trusts(hop):
                break
        return peer

    def _trusts(self, address: str) -> bool:
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self._networks)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise BadConfiguration(
            f"`server.trusted_proxies` = {text!r:.100} is not allowed: addresses or networks such as 10.0.0.0/8",
            param="server.trusted_proxies",
        ) from None


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _named(address: str) -> str:
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, IPV6_PREFIX), strict=False))
    return address
