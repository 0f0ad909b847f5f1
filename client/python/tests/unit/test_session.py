"""The rules of sessions, by a clock that only the test moves."""

import asyncio
import concurrent.futures
import threading
import unittest

import grpc

from identity import Error, Session, aio
from identity.v1.identity_service_pb2 import RefreshResponse
from identity.v1.types_pb2 import TokenSet

ENDED = Error(grpc.StatusCode.UNAUTHENTICATED, "ended", reason="REFRESH_TOKEN_INVALID")
AWAY = Error(grpc.StatusCode.UNAVAILABLE, "away")


def tokens(number, seconds=900, **fields):
    return TokenSet(access_token=f"access-{number}", refresh_token=f"refresh-{number}", expires_in={"seconds": seconds},
                    **fields)


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Refresher:
    """Stands for the client of a session. `outcomes` are errors or tokens."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.sent = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.is_called = threading.Event()

    def call(self, request):
        self.sent.append(request.refresh_token)
        self.is_called.set()
        self.may_answer.wait()
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Error):
            raise outcome
        return RefreshResponse(tokens=outcome)


class AioRefresher(Refresher):
    async def call(self, request):
        return await asyncio.to_thread(super().call, request)


class Rules:
    """What both sessions do. `session_of` makes one whose method `token` waits."""

    def make(self, first, *outcomes):
        self.clock = Clock()
        self.refresher, session = self.session_of(first, *outcomes)
        return session

    def error_of(self, session):
        with self.assertRaises(Error) as raised:
            session.token()
        return raised.exception

    def test_a_fresh_token_is_kept_until_a_minute_before_its_end(self):
        session = self.make(tokens(1), tokens(2))
        self.clock.now += 839
        self.assertEqual(session.token(), "access-1")
        self.assertEqual(self.refresher.sent, [])
        self.clock.now += 61
        self.assertEqual(session.token(), "access-2")
        self.assertEqual(self.refresher.sent, ["refresh-1"])

    def test_a_short_token_is_replaced_after_half_of_its_lifetime(self):
        session = self.make(tokens(1, 60), AWAY)
        self.clock.now += 29
        session.token()
        self.assertEqual(self.refresher.sent, [])
        self.clock.now += 1
        self.use_until_refreshed(session)

    def test_a_failed_refresh_keeps_a_valid_token_and_pauses(self):
        session = self.make(tokens(1), AWAY, tokens(2))
        self.clock.now += 850
        self.use_until_refreshed(session)
        self.assertEqual(session.token(), "access-1")
        self.assertEqual(len(self.refresher.sent), 1)
        self.clock.now += 50
        self.assertEqual(session.token(), "access-2")

    def test_without_a_valid_token_it_returns_the_error(self):
        session = self.make(tokens(1), AWAY, AWAY)
        self.clock.now += 900
        self.assertIs(self.error_of(session), AWAY)
        self.assertIs(self.error_of(session), AWAY)
        self.assertEqual(len(self.refresher.sent), 1)
        self.clock.now += 1
        self.assertIs(self.error_of(session), AWAY)
        self.assertEqual(len(self.refresher.sent), 2)

    def test_an_answer_without_tokens_is_a_failed_refresh(self):
        session = self.make(tokens(1), TokenSet(), tokens(2))
        self.clock.now += 850
        self.use_until_refreshed(session)
        self.assertEqual(session.token(), "access-1")
        self.clock.now += 1
        self.use_until_refreshed(session)
        self.assertEqual(session.token(), "access-2")
        self.assertEqual(self.refresher.sent, ["refresh-1", "refresh-1"])

    def test_the_end_is_final(self):
        session = self.make(tokens(1), ENDED)
        self.clock.now += 850
        self.use_until_refreshed(session)
        self.clock.now += 1000
        for _ in range(3):
            self.assertIs(self.error_of(session), ENDED)
        self.assertEqual(len(self.refresher.sent), 1)

    def test_the_tokens_of_a_key_are_not_refreshed(self):
        session = self.make(TokenSet(access_token="access", expires_in={"seconds": 900}))
        self.clock.now += 899
        self.assertEqual(session.token(), "access")
        self.clock.now += 1
        self.assertEqual(self.error_of(session).code, grpc.StatusCode.UNAUTHENTICATED)

    def test_tokens_without_an_access_token_make_no_session(self):
        for first in (TokenSet(), TokenSet(refresh_token="refresh")):
            with self.assertRaises(ValueError):
                self.make(first)

    def test_it_knows_whose_it_is_and_prints_no_token(self):
        session = self.make(tokens(1, session_id="s", principal_id="p"))
        self.assertEqual((session.id, session.principal_id), ("s", "p"))
        self.assertNotIn("access-1", f"{session!r}{session}")


class SessionTest(Rules, unittest.TestCase):

    def session_of(self, first, *outcomes):
        refresher = Refresher(*outcomes)
        return refresher, Session(refresher, first, clock=self.clock)

    def use_until_refreshed(self, session):
        try:
            session.token()
        except Error:
            pass

    def test_one_refresh_however_many_wait(self):
        session = self.make(tokens(1), tokens(2))
        self.clock.now += 900
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            self.refresher.may_answer.clear()
            used = [pool.submit(session.token) for _ in range(50)]
            self.refresher.is_called.wait()
            self.refresher.may_answer.set()
            self.assertEqual({each.result() for each in used}, {"access-2"})
        self.assertEqual(self.refresher.sent, ["refresh-1"])

    def test_nobody_waits_while_the_old_token_is_valid(self):
        session = self.make(tokens(1), tokens(2))
        self.clock.now += 850
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            self.refresher.may_answer.clear()
            refreshing = pool.submit(session.token)
            self.refresher.is_called.wait()
            self.assertEqual(session.token(), "access-1")
            self.refresher.may_answer.set()
            self.assertEqual(refreshing.result(), "access-2")


class Blocking:
    """A session of asyncio, used from outside of its loop."""

    def __init__(self, session, runner):
        self._session, self._runner = session, runner

    def token(self):
        return self._runner.run(self._session.token())

    def __getattr__(self, name):
        return getattr(self._session, name)


class AioSessionTest(Rules, unittest.TestCase):

    def setUp(self):
        self.runner = self.enterContext(asyncio.Runner())

    def session_of(self, first, *outcomes):
        refresher = AioRefresher(*outcomes)
        self.session = aio.Session(refresher, first, clock=self.clock)
        return refresher, Blocking(self.session, self.runner)

    def use_until_refreshed(self, session):
        async def use():
            await self.session.token()
            await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        self.runner.run(use())

    def test_one_refresh_however_many_wait(self):
        self.make(tokens(1), tokens(2))
        self.clock.now += 900

        async def use():
            return set(await asyncio.gather(*(self.session.token() for _ in range(50))))
        self.assertEqual(self.runner.run(use()), {"access-2"})
        self.assertEqual(self.refresher.sent, ["refresh-1"])

    def test_a_cancelled_caller_does_not_cancel_the_refresh(self):
        self.make(tokens(1), tokens(2))
        self.clock.now += 900

        async def use():
            self.refresher.may_answer.clear()
            impatient = asyncio.create_task(self.session.token())
            patient = asyncio.create_task(self.session.token())
            await asyncio.to_thread(self.refresher.is_called.wait)
            impatient.cancel()
            self.refresher.may_answer.set()
            return await patient
        self.assertEqual(self.runner.run(use()), "access-2")
        self.assertEqual(self.refresher.sent, ["refresh-1"])


if __name__ == "__main__":
    unittest.main()
