"""Ports of loopback, for programs that a test starts."""

import socket

_reserved = []


def free_port():
    """A port on which nothing listens. While this process runs, the kernel gives the port to nobody who asks for any
    port, and a call to it is refused. So tests that run in parallel never meet each other's programs. A program that is
    told the port can listen on it: like nearly all, it sets SO_REUSEADDR."""
    reserved = socket.socket()
    _reserved.append(reserved)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    return reserved.getsockname()[1]
