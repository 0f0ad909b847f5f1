"""The guards for gRPC, in real servers. tests/conformance has all cases of one that serves threads and unary calls."""

import asyncio
import concurrent.futures
import threading
import unittest

import grpc

import guestbook_pb2
import identity
from identity import aio
from identity.grpc import PUBLIC, AioGuard, Guard, Rule, decision
from tests.server import service

RULE = Rule("posts:read", "orgs/{org}")
NO_FIELDS = Rule("posts:read", "orgs/acme")
RULES = {"/Test/Unary": RULE, "/Test/Answers": RULE, "/Test/Requests": NO_FIELDS, "/Test/Both": NO_FIELDS,
         "/Test/StreamedField": RULE, "/Test/Public": PUBLIC}


def seen():
    made = decision()
    return guestbook_pb2.Seen(username=made.principal.username if made else "")


class Threads:
    """Handlers for threads."""

    def unary(self, _request, _context):
        return seen()

    def answers(self, _request, _context):
        yield seen()
        yield seen()

    def requests(self, requests, _context):
        list(requests)
        return seen()

    def both(self, requests, _context):
        for _ in requests:
            yield seen()


class Coroutines:
    """The same for asyncio."""

    async def unary(self, _request, _context):
        return seen()

    async def answers(self, _request, context):
        await context.write(seen())
        await context.write(seen())

    async def requests(self, requests, _context):
        async for _ in requests:
            pass
        return seen()

    async def both(self, requests, _context):
        async for _ in requests:
            yield seen()


def handlers_of(handlers):
    types = {"request_deserializer": guestbook_pb2.PostRequest.FromString,
             "response_serializer": guestbook_pb2.Seen.SerializeToString}
    return grpc.method_handlers_generic_handler("Test", {
        "Unary": grpc.unary_unary_rpc_method_handler(handlers.unary, **types),
        "Public": grpc.unary_unary_rpc_method_handler(handlers.unary, **types),
        "Forgotten": grpc.unary_unary_rpc_method_handler(handlers.unary, **types),
        "Answers": grpc.unary_stream_rpc_method_handler(handlers.answers, **types),
        "Requests": grpc.stream_unary_rpc_method_handler(handlers.requests, **types),
        "StreamedField": grpc.stream_unary_rpc_method_handler(handlers.requests, **types),
        "Both": grpc.stream_stream_rpc_method_handler(handlers.both, **types)})


class Guarded:
    """The calls of a guarded server."""

    def __init__(self, port, key):
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._types = {"request_serializer": guestbook_pb2.PostRequest.SerializeToString,
                       "response_deserializer": guestbook_pb2.Seen.FromString}
        self._options = {"metadata": (("x-api-key", key),) if key else (), "timeout": 20}

    def call(self, method, kind="unary_unary"):
        """The names that the handler has seen."""
        request = guestbook_pb2.PostRequest(org="acme")
        send = getattr(self._channel, kind)(f"/Test/{method}", **self._types)
        with self._channel:
            answer = send(iter([request, request]) if kind.startswith("stream") else request, **self._options)
            return [each.username for each in answer] if kind.endswith("stream") else answer.username


class GuardCases:
    """What both guards do. `port` is that of a guarded server."""

    @classmethod
    def setUpClass(cls):
        cls.key = service().program(service().role("posts:read"), "orgs/acme")
        cls.other_key = service().program(service().role("posts:read"), "orgs/other")

    def call(self, *arguments, key=""):
        return Guarded(self.port, key or self.key).call(*arguments)

    def assert_refused(self, code, reason, *arguments, **options):
        with self.assertRaises(grpc.RpcError) as raised:
            self.call(*arguments, **options)
        error = identity.Error.of(raised.exception)
        self.assertEqual((error.code.name, error.reason), (code, reason))

    def test_every_kind_of_handler_sees_the_decision(self):
        self.assertRegex(self.call("Unary"), "^program-")
        self.assertRegex(" ".join(self.call("Answers", "unary_stream")), "^program-.* program-.*$")
        self.assertRegex(self.call("Requests", "stream_unary"), "^program-")
        self.assertRegex(" ".join(self.call("Both", "stream_stream")), "^program-.* program-.*$")

    def test_every_kind_of_handler_is_guarded(self):
        for method, kind in (("Unary", "unary_unary"), ("Answers", "unary_stream"), ("Requests", "stream_unary"),
                             ("Both", "stream_stream")):
            with self.subTest(kind=kind):
                self.assert_refused("PERMISSION_DENIED", "NO_BINDING", method, kind, key=self.other_key)

    def test_a_streamed_request_has_no_fields(self):
        self.assert_refused("INVALID_ARGUMENT", "INVALID_FIELD", "StreamedField", "stream_unary")

    def test_public_forgotten_and_unknown_methods(self):
        self.assertRegex(self.call("Unary"), "^program-")
        self.assertEqual(self.call("Public"), "")
        self.assert_refused("PERMISSION_DENIED", "METHOD_WITHOUT_RULE", "Forgotten")
        self.assert_refused("UNIMPLEMENTED", "", "Unknown")


class GuardTest(GuardCases, unittest.TestCase):

    def setUp(self):
        guard = Guard(service().backend, RULES)
        # With one thread, each call comes after another in the same thread.
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(1), [handlers_of(Threads())], [guard])
        self.port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self.addCleanup(lambda: server.stop(None).wait())


class AioGuardTest(GuardCases, unittest.TestCase):

    def setUp(self):
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        self.addCleanup(loop.close)
        self.addCleanup(thread.join)
        self.addCleanup(loop.call_soon_threadsafe, loop.stop)
        asyncio.run_coroutine_threadsafe(self.start(), loop).result()
        self.addCleanup(lambda: asyncio.run_coroutine_threadsafe(self.stop(), loop).result())

    async def start(self):
        self.client = aio.Client(service().address, service().key, plaintext=True)
        self.server = grpc.aio.server(handlers=[handlers_of(Coroutines())], interceptors=[AioGuard(self.client, RULES)])
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        await self.server.start()

    async def stop(self):
        await self.server.stop(None)
        await self.client.close()


if __name__ == "__main__":
    unittest.main()
