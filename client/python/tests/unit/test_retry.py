"""The rules of retries."""

import unittest

import grpc

from identity import Error, Retry
from identity.retry import Repeat
from identity.v1.admin_service_pb2 import CreateRoleRequest, DeleteRoleRequest, GetRoleRequest, ListRolesRequest
from identity.v1.identity_service_pb2 import (AuthenticateRequest, BatchCheckPermissionsRequest, CheckPermissionRequest,
                                              RefreshRequest, RevokeRequest)

UNAVAILABLE = Error(grpc.StatusCode.UNAVAILABLE, "")


def error(code, reason="", message="", retry_after=None):
    return Error(grpc.StatusCode[code], message, reason=reason, retry_after=retry_after)


class RepeatTest(unittest.TestCase):

    def test_reads_checks_and_revocations_are_safe(self):
        for request in (GetRoleRequest(), ListRolesRequest(), CheckPermissionRequest(), BatchCheckPermissionsRequest(),
                        RevokeRequest(), AuthenticateRequest(api_key={"key": "idk_"}),
                        CreateRoleRequest(request_id="1")):
            self.assertIs(Repeat.of(request), Repeat.SAFE, type(request).__name__)

    def test_a_refresh_is_safe_for_a_while(self):
        self.assertIs(Repeat.of(RefreshRequest()), Repeat.WHEN_UNAVAILABLE)

    def test_nothing_else_is_safe(self):
        for request in (CreateRoleRequest(), DeleteRoleRequest(), AuthenticateRequest(),
                        AuthenticateRequest(password={"password": "guess"})):
            self.assertIs(Repeat.of(request), Repeat.NEVER, type(request).__name__)


class RetryTest(unittest.TestCase):

    def test_errors_that_are_worth_a_retry(self):
        retry = Retry()
        for each in (UNAVAILABLE, error("ABORTED", "CONFLICT"), error("RESOURCE_EXHAUSTED", "OVERLOADED"),
                     error("UNKNOWN", "COMMIT_IN_DOUBT")):
            self.assertTrue(retry.allows(each, Repeat.SAFE, 4))
            self.assertFalse(retry.allows(each, Repeat.SAFE, 5))
            self.assertFalse(retry.allows(each, Repeat.NEVER, 1))
            self.assertEqual(retry.allows(each, Repeat.WHEN_UNAVAILABLE, 1), each is UNAVAILABLE)

    def test_other_errors(self):
        for each in (error("RESOURCE_EXHAUSTED", "RATE_LIMITED"), error("RESOURCE_EXHAUSTED"), error("ABORTED"),
                     error("INTERNAL"), error("DEADLINE_EXCEEDED")):
            self.assertFalse(Retry().allows(each, Repeat.SAFE, 1))

    def test_a_call_that_a_stopping_server_has_not_seen_is_always_repeated(self):
        self.assertTrue(Retry().allows(error("CANCELLED", message="CANCELLED"), Repeat.NEVER, 1))
        self.assertFalse(Retry().allows(error("CANCELLED", message="by the caller"), Repeat.SAFE, 1))

    def test_pauses_double_up_to_the_longest(self):
        pauses = [Retry().pause(UNAVAILABLE, made, 0) for made in range(1, 9)]
        self.assertEqual(pauses, [0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1, 1])

    def test_up_to_a_half_is_random(self):
        self.assertEqual(Retry().pause(UNAVAILABLE, 3, 1), 0.04)

    def test_a_pause_is_never_shorter_than_the_service_asks_for(self):
        self.assertEqual(Retry().pause(error("UNAVAILABLE", retry_after=3), 1, 0), 3)
        self.assertGreater(Retry().pause(error("UNAVAILABLE", retry_after=3), 1, 1), 3)
        self.assertEqual(Retry().pause(error("UNAVAILABLE", retry_after=0.01), 3, 0), 0.08)


if __name__ == "__main__":
    unittest.main()
