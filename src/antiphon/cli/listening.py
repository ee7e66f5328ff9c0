"""Taking a port."""

import socket

from antiphon.errors import BadConfiguration


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port`.

    Raises:
        BadConfiguration: they cannot be listened on.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = error.strerror or "no such address"
        raise BadConfiguration(
            f"`server.port`: cannot listen on {host}:{port}: {reason}", param="server.port"
        ) from error
