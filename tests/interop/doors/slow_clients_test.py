"""Clients that send half a request and wait cost little, and lose their connection at its deadline."""

import pathlib
import resource
import select
import socket
import unittest

from identity.v1 import identity_service_pb2

import client
import deployment
import http_server

CLIENTS = 2000
CLIENTS_OF_ONE_ADDRESS = 180  # the server accepts 200
HALVES = (b"", b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\n",
          b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
          b"Content-Length: 60000\r\n\r\n" + b"a" * 4000)
MOST_MIB = 64
SECONDS = 60


class SlowClientsTest(unittest.TestCase):

    def setUp(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if hard < CLIENTS + 200:
            self.skipTest(f"the limit of open files is {hard}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.doors = http_server.HttpServer()
        self.addCleanup(self.doors.stop)

    def resident_mib(self):
        """The memory of the server."""
        status = pathlib.Path(f"/proc/{self.doors.pid}/status").read_text(encoding="utf-8")
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def connect(self, number):
        source = f"127.0.1.{1 + number // CLIENTS_OF_ONE_ADDRESS}"
        connection = socket.create_connection(("127.0.0.1", self.doors.port), SECONDS, (source, 0))
        self.addCleanup(connection.close)
        connection.sendall(HALVES[number % len(HALVES)])
        return connection

    def test_others_are_served_and_the_slow_end_at_their_deadline(self):
        service = client.with_key(self, deployment.current().service_key, address=self.doors.rpc_address)
        before = self.resident_mib()
        waiting = [self.connect(number) for number in range(CLIENTS)]
        self.assertEqual(self.doors.get("/.well-known/jwks.json").status, 200)
        answer = self.doors.post_form("/oauth2/introspect",
                                      {"token": "x", "client_secret": deployment.current().service_key})
        self.assertEqual(answer.json(), {"active": False})
        decision = service.check("posts:read", anonymous=True).decision
        self.assertEqual(decision, identity_service_pb2.DECISION_DENIED)
        self.assertLess(self.resident_mib() - before, MOST_MIB)
        poll = select.poll()
        open_sockets = {connection.fileno() for connection in waiting}
        for number in open_sockets:
            poll.register(number, select.POLLIN)
        while open_sockets:
            events = poll.poll(SECONDS * 1000)
            self.assertTrue(events, f"{len(open_sockets)} connections are still open")
            for number, _ in events:  # the server sends nothing, so this is the end
                poll.unregister(number)
                open_sockets.discard(number)
