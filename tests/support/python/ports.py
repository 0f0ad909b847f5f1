"""Ports of loopback, for programs that a test starts."""

import socket

_reserved = []


def free_port():
    """A port on which nothing listens: a call to it is refused. While this process runs, the kernel does not assign it
    to a program that binds to port 0. So tests that run in parallel never meet each other's programs. A program that
    binds to this port can listen on it, if it sets SO_REUSEADDR like nearly all."""
    reserved = socket.socket()
    _reserved.append(reserved)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    return reserved.getsockname()[1]
