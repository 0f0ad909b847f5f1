"""The parts of the frontend, without a browser and without Identity."""

import asyncio
import base64
import gzip
import json
import os
import pathlib
import re
import subprocess
import tempfile
import types
import unittest

import grpc
import httpx
from fastapi import Request

import world
from frontend.cookies import DEVICE, SESSION, Jar, Seals, TooLarge
from frontend.problems import Problem
from frontend.providers import Attempt, Provider, ProviderError
from frontend.security import Shell, client_address
from frontend.settings import OPTIONS, PREFIX, Invalid, ProviderSettings, Settings
from frontend.sessions import Session
from frontend.visits import Queue, Site, Visit
from identity import Error, FieldViolation
from identity.aio import Client
from ports import free_port

FRONTEND = world.ROOT / "client" / "frontend"


class SealsTest(unittest.TestCase):

    def test_an_old_key_opens_and_the_new_one_seals(self):
        old, new = b"o" * 32, b"n" * 32
        both = Seals((new, old))
        self.assertEqual(both.open("x", Seals((old,)).seal("x", {"a": 1})), {"a": 1})
        self.assertEqual(Seals((new,)).open("x", both.seal("x", {"a": 1})), {"a": 1})
        self.assertEqual(Seals((new,)).open("x", Seals((old,)).seal("x", {"a": 1})), {})

    def test_a_seal_is_for_one_purpose_and_one_time(self):
        seals = Seals((bytes(32),))
        sealed = seals.seal("x", {"a": 1})
        self.assertEqual(seals.open("y", sealed), {})
        self.assertEqual(seals.open("x", sealed, -1), {})


class JarTest(unittest.TestCase):

    def setUp(self):
        self.seals = Seals((bytes(32),))

    def test_what_is_set_can_be_read_and_taken_once(self):
        jar = Jar(self.seals, {})
        jar.set(DEVICE, token="x")
        self.assertEqual(jar.take(DEVICE), {"token": "x"})
        self.assertEqual((jar.get(DEVICE), jar.headers()), ({}, []))

    def test_a_deleted_cookie_is_deleted_in_the_browser(self):
        jar = Jar(self.seals, {"__Host-session": "x"})
        jar.delete(SESSION)
        self.assertIn("Max-Age=0", jar.headers()[0][1])

    def test_a_cookie_that_browsers_drop_is_an_error(self):
        with self.assertRaises(TooLarge):
            Jar(self.seals, {}).set(DEVICE, token="x" * 4000)


class ClientAddressTest(unittest.TestCase):

    def test_only_trusted_proxies_may_name_an_address(self):
        for peer, forwarded, proxies, address in (
                ("203.0.113.1", ["1.1.1.1"], "", "203.0.113.1"),
                ("10.0.0.1", ["1.1.1.1"], "10.0.0.0/8", "1.1.1.1"),
                ("10.0.0.1", ["6.6.6.6, 1.1.1.1, 10.0.0.2"], "10.0.0.0/8", "1.1.1.1"),
                ("10.0.0.1", ["6.6.6.6", "1.1.1.1"], "10.0.0.0/8", "1.1.1.1"),
                ("10.0.0.1", [], "10.0.0.0/8", "10.0.0.1"),
                ("10.0.0.1", ["1.1.1.1, nonsense"], "10.0.0.0/8", "10.0.0.1"),
                ("10.0.0.1", ["1.1.1.1, nonsense, 10.0.0.2"], "10.0.0.0/8", "10.0.0.2"),
                ("10.0.0.1", ["6.6.6.6, 1.1.1.1:443"], "10.0.0.0/8", "1.1.1.1"),
                ("10.0.0.1", ["[2001:db8::1]:443"], "10.0.0.0/8", "2001:db8::1"),
                ("10.0.0.1", ["[2001:db8::1]"], "10.0.0.0/8", "2001:db8::1"),
                ("10.0.0.1", ["fe80::1%any text"], "10.0.0.0/8", "10.0.0.1"),
                ("::ffff:10.0.0.1", [" 2001:db8::1 "], "10.0.0.0/8", "2001:db8::1"),
                ("", ["1.1.1.1"], "10.0.0.0/8", "")):
            with self.subTest(peer=peer, forwarded=forwarded):
                networks = Settings.read(environment(TRUSTED_PROXIES=proxies)).proxies
                self.assertEqual(client_address(peer, forwarded, types.SimpleNamespace(proxies=networks)), address)


class ShellTest(unittest.TestCase):

    def status(self, path="/login", peer="127.0.0.1", scheme="http", query=b"", **settings):
        """The status of a GET, whose connection comes from the peer."""
        sent = []

        async def answer(_scope, _receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})

        async def send(message):
            sent.append(message["status"] if "status" in message else None)
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query,
                 "scheme": scheme, "client": (peer, 1), "headers": [(b"host", b"login.example.com")]}
        shell = Shell(answer, Settings.read(environment(**settings)), Seals((bytes(32),)))
        asyncio.run(shell(scope, None, send))
        return sent[0]

    def test_without_tls_only_proxies_may_connect(self):
        self.assertEqual(self.status(), 200)
        with self.assertLogs("frontend", "WARNING"):
            self.assertEqual(self.status(peer="10.0.0.1"), 403)
        self.assertEqual(self.status("/livez", peer="10.0.0.1"), 200)
        self.assertEqual(self.status(peer="10.0.0.1", scheme="https"), 200)
        self.assertEqual(self.status(peer="::ffff:10.0.0.1", TRUSTED_PROXIES="10.0.0.0/8"), 200)

    def test_a_name_of_a_cookie_counts_to_the_letter(self):
        seen = []

        async def answer(scope, _receive, _send):
            seen.append(scope["state"]["jar"].get(DEVICE))
        seals = Seals((bytes(32),))
        good, evil = (seals.seal("device", {"token": token}).encode() for token in ("good", "evil"))
        for stranger in (b"\xa0__Host-device", b"\x85__Host-device", b"__Host-device\x85", b"__host-device"):
            cookie = b"__Host-device=" + good + b"; " + stranger + b"=" + evil
            scope = {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"",
                     "scheme": "https", "client": ("192.0.2.1", 1),
                     "headers": [(b"host", b"login.example.com"), (b"cookie", cookie)]}
            asyncio.run(Shell(answer, Settings.read(environment()), seals)(scope, None, None))
        self.assertEqual(seen, [{"token": "good"}] * 4)

    def test_a_long_target_is_refused(self):
        self.assertEqual(self.status("/" + "x" * 4096), 414)
        self.assertEqual(self.status(query=b"x" * 4096), 414)


class QueueTest(unittest.IsolatedAsyncioTestCase):

    async def test_the_queue_has_so_many_places(self):
        queue = Queue(1)
        first = asyncio.ensure_future(queue.wait(60))
        await asyncio.sleep(0)
        self.assertFalse(await queue.wait(60))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        self.assertTrue(await queue.wait(0))


class VisitTest(unittest.IsolatedAsyncioTestCase):

    async def test_an_end_that_fails_hides_no_result(self):
        seals, session = Seals((bytes(32),)), Session("s", "a", "r", 0, 0)
        client = Client(f"127.0.0.1:{free_port()}", "idk_x", plaintext=True, timeout=1)
        self.addAsyncCleanup(client.close)
        site = Site(Settings.read(environment()), seals, client, Queue(1), {}, None)
        jar = Jar(seals, {"__Host-session": seals.seal("session", session.dump())})
        app = types.SimpleNamespace(state=types.SimpleNamespace(site=site))
        visit = Visit(Request({"type": "http", "method": "POST", "headers": [], "client": ("127.0.0.1", 1), "app": app,
                               "state": {"jar": jar}}))
        with self.assertLogs("frontend", "WARNING"):
            await visit.end_session()
        self.assertEqual((visit.session, jar.get(SESSION)), (None, {}))
        visit.session = session
        with self.assertRaises(Error):
            await visit.log_out()
        self.assertEqual(visit.session, None)


class Stream(httpx.AsyncByteStream):

    def __init__(self, body):
        self._body = body

    async def __aiter__(self):
        yield self._body


class ProviderTest(unittest.IsolatedAsyncioTestCase):
    """Providers that answer as no standard says."""

    METADATA = {"issuer": "https://p.example", "authorization_endpoint": "https://p.example/a",
                "token_endpoint": "https://p.example/t"}

    async def asyncSetUp(self):
        self.answers, self.asked = [], 0
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        self.addAsyncCleanup(client.aclose)
        settings = ProviderSettings("p", "P", "https://p.example", "us", "")
        self.provider = Provider(settings, client, "https://us.example/login/callback/p")

    def answer(self, _):
        self.asked += 1
        answer = self.answers.pop(0)
        body = json.dumps(answer).encode() if isinstance(answer, dict) else \
            answer.encode() if isinstance(answer, str) else answer
        coding = {"Content-Encoding": "gzip"} if body[:2] == b"\x1f\x8b" else {}
        return httpx.Response(200, stream=Stream(body), headers=coding)

    async def test_strange_answers_are_errors(self):
        for token in ("", "[]", "{}", {"id_token": 1}, {"id_token": None}, '{"id_token": "\\ud800"}', "[" * 20000,
                      b"\xff", " " * 50000 + "{}"):
            self.answers = [self.METADATA, token] if not self.asked else [token]
            with self.assertRaises(ProviderError):
                await self.provider.id_token("code", "verifier")

    async def test_nothing_is_expanded(self):
        self.answers = [self.METADATA, gzip.compress(b" " * 100 + b'{"id_token": "x"}')]
        with self.assertRaises(ProviderError):
            await self.provider.id_token("code", "verifier")

    async def test_strange_metadata_is_an_error_and_is_not_asked_for_at_once(self):
        for metadata in ("[]", {}, {**self.METADATA, "issuer": "https://other.example"},
                         {**self.METADATA, "token_endpoint": "http://p.example/t"},
                         {**self.METADATA, "token_endpoint": 1},
                         {**self.METADATA, "token_endpoint_auth_methods_supported": "none"}):
            await self.asyncSetUp()
            self.answers = [metadata]
            for _ in range(2):
                with self.assertRaises(ProviderError):
                    await self.provider.login_url(Attempt.new(), fresh=False)
            self.assertEqual(self.asked, 1)

    async def test_an_issuer_that_is_promised_must_be_there(self):
        for promised, answers in ((False, {"": True, "https://p.example": True, "https://q.example": False}),
                                  (True, {"": False, "https://p.example": True, "https://q.example": False})):
            await self.asyncSetUp()
            self.answers = [{**self.METADATA, "authorization_response_iss_parameter_supported": promised}]
            for issuer, good in answers.items():
                self.assertEqual(await self.provider.has_sent({"iss": issuer} if issuer else {}), good)


class ProblemTest(unittest.TestCase):

    def test_an_error_of_a_field_stands_at_the_field(self):
        error = Error(grpc.StatusCode.INVALID_ARGUMENT, "", reason="INVALID_FIELD",
                      fields=(FieldViolation("role.permissions[2]", "is no permission"),))
        self.assertEqual(Problem.of(error).fields, {"permissions": "This is no permission."})

    def test_a_delay_is_rounded_up_and_passed_on(self):
        for seconds, text in ((0.2, "1 second."), (59.1, "60 seconds."), (119.5, "2 minutes."), (1800, "30 minutes.")):
            error = Error(grpc.StatusCode.RESOURCE_EXHAUSTED, "", reason="RATE_LIMITED", retry_after=seconds)
            problem = Problem.of(error)
            self.assertTrue(problem.text.endswith(text), problem.text)
            self.assertGreaterEqual(int(problem.headers["Retry-After"]), seconds)

    def test_a_busy_service_is_a_notice_with_a_delay(self):
        error = Error(grpc.StatusCode.RESOURCE_EXHAUSTED, "", reason="OVERLOADED", retry_after=1)
        with self.assertLogs("frontend", "WARNING"):
            problem = Problem.of(error)
        self.assertEqual((problem.status, problem.headers), (503, {"Retry-After": "1"}))
        self.assertEqual(problem.text, "Many people are waiting right now. Nothing is lost: try again in 1 second.")

    def test_what_took_too_long_may_have_been_done(self):
        with self.assertLogs("frontend", "WARNING"):
            problem = Problem.of(Error(grpc.StatusCode.DEADLINE_EXCEEDED, ""))
        self.assertEqual(problem.status, 503)
        self.assertIn("It is not known whether it was done", problem.text)

    def test_every_code_of_grpc_has_a_page(self):
        with self.assertLogs("frontend", "WARNING"):
            for code in grpc.StatusCode:
                self.assertTrue(Problem.of(Error(code, "")).text)


_folder = tempfile.TemporaryDirectory(prefix="identity-frontend.")


def environment(**changes):
    """Good settings, with these changes."""
    folder = pathlib.Path(_folder.name)
    (folder / "api.key").write_text("idk_x", encoding="utf-8")
    (folder / "cookie.key").write_bytes(base64.b64encode(bytes(32)))
    good = {"ORIGIN": "https://login.example.com", "API_KEY_FILE": str(folder / "api.key"),
            "COOKIE_KEY_FILE": str(folder / "cookie.key")}
    return {"IDENTITY_ADDRESS": "localhost:50051",
            **{PREFIX + name: value for name, value in {**good, **changes}.items()}}


class SettingsTest(unittest.TestCase):

    def test_good_settings(self):
        settings = Settings.read(environment(TRUSTED_HOSTS="login.internal"))
        self.assertEqual(settings.hosts, {"login.example.com", "login.internal"})
        self.assertNotIn("AAAA", repr(settings))

    def test_what_is_required(self):
        for option in OPTIONS:
            if option.default is None:
                with self.assertRaisesRegex(Invalid, option.name):
                    Settings.read({**environment(), option.name: ""})

    def test_wrong_values(self):
        folder = pathlib.Path(_folder.name)
        (folder / "short.key").write_text("AAAA", encoding="utf-8")
        (folder / "bad.toml").write_text('[[provider]]\nname = "x"', encoding="utf-8")
        for name, value in (("ORIGIN", "http://login.example.com"), ("ORIGIN", "https://login.example.com/path"),
                            ("ORIGIN", "login"), ("ORIGIN", "https://Login.example.com"),
                            ("ORIGIN", "https://login.example.com:443"), ("API_KEY_FILE", "/nonexistent"),
                            ("COOKIE_KEY_FILE", folder / "short.key"), ("LISTEN", "8000"), ("LISTEN", "x:99999"),
                            ("PLAINTEXT", "yes"), ("CA_FILE", "/nonexistent"),
                            ("CERTIFICATE_FILE", folder / "api.key"), ("TLS_KEY_FILE", folder / "api.key"),
                            ("TRUSTED_PROXIES", "10.0.0.1/8"), ("CORS_ORIGINS", "*"),
                            ("PROVIDERS_FILE", folder / "bad.toml"), ("PROVIDERS_FILE", folder / "api.key")):
            with self.subTest(name=name, value=value), self.assertRaisesRegex(Invalid, PREFIX + name):
                Settings.read(environment(**{name: str(value)}))

    def run_program(self, *arguments, **variables):
        return subprocess.run(["/usr/bin/python3", "-m", "frontend", *arguments], capture_output=True, encoding="utf-8",
                              timeout=world.SECONDS, check=False,
                              env={"PATH": os.environ["PATH"], "PYTHONPATH": world.MODULES, **variables})

    def test_the_program_explains_itself(self):
        answer = self.run_program("--help")
        self.assertEqual(answer.returncode, 0)
        for option in OPTIONS:
            self.assertIn(option.name, answer.stdout)

    def test_the_program_names_a_wrong_setting(self):
        answer = self.run_program(IDENTITY_ADDRESS="localhost:50051")
        self.assertEqual((answer.returncode, answer.stdout), (1, ""))
        self.assertRegex(answer.stderr, f"^frontend: {PREFIX}ORIGIN is required")

    def test_the_readme_has_every_setting(self):
        text = (FRONTEND / "README.md").read_text(encoding="utf-8")
        for option in OPTIONS:
            row, = re.findall(rf"^\| `{option.name.removeprefix(PREFIX)}` \| ([^|]*) \|", text, re.MULTILINE)
            expected = "required" if option.default is None else f"`{option.default}`" if option.default else ""
            self.assertEqual(row.strip(), expected, option.name)
