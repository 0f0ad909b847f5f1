"""The rules of guards."""

import datetime
import unittest

import grpc

from identity import Error, Refused, Rule
from identity.guard import decide, question, undecided
from identity.v1.identity_service_pb2 import (DECISION_ALLOWED, DECISION_DENIED, CheckPermissionRequest,
                                              CheckPermissionResponse, Reason)

RULE = Rule("posts:read", "orgs/{org}/posts/{post.id}")
VALUES = {"org": "acme", "post.id": 7}.get
ASKED = CheckPermissionRequest(access_token="t", permission="posts:read")
ANONYMOUS = CheckPermissionRequest(anonymous=True, permission="posts:read")


class RuleTest(unittest.TestCase):

    def test_a_template(self):
        self.assertEqual(RULE.resource_of(VALUES), "orgs/acme/posts/7")
        self.assertEqual(Rule("a", "users/me@x").resource_of(VALUES), "users/me@x")
        self.assertEqual(Rule("a").resource_of(VALUES), "")

    def test_mistakes_in_a_rule_are_found_at_the_start(self):
        for resource in ("/orgs", "orgs/", "orgs//x", "orgs/{", "orgs/{}", "orgs/{a b}", "orgs/x{id}", "orgs/ö",
                         "orgs/{a..b}", "orgs/{a.}", "orgs/..", "./orgs", "/".join(["x"] * 33), "orgs\n"):
            with self.subTest(resource=resource), self.assertRaises(ValueError):
                Rule("posts:read", resource)
        for permission in ("", "posts:*", "Posts:read", "posts:", "posts read", "a:b:c:d:e:f:g:h:i", "posts\n"):
            with self.subTest(permission=permission), self.assertRaises(ValueError):
                Rule(permission)

    def test_values_that_are_no_segment(self):
        for value in ("", ".", "..", "a/b", "a b", "a\n", "ä", "x" * 129, None, True, 1.5, b"acme", ["acme"], {}):
            with self.subTest(value=value), self.assertRaises(Refused) as raised:
                Rule("a", "orgs/{org}").resource_of({"org": value}.get)
            self.assertEqual((raised.exception.reason, raised.exception.field), ("INVALID_FIELD", "org"))

    def test_a_value_is_not_filled_in_again(self):
        with self.assertRaises(Refused):
            Rule("a", "{org}/{post}").resource_of({"org": "{post}", "post": "p"}.get)


class QuestionTest(unittest.TestCase):

    def subject(self, authorization=(), api_key=()):
        asked = question(RULE, VALUES, authorization, api_key)
        self.assertEqual((asked.permission, asked.resource), ("posts:read", "orgs/acme/posts/7"))
        name = asked.WhichOneof("subject")
        return name, getattr(asked, name)

    def test_the_subject(self):
        self.assertEqual(self.subject(), ("anonymous", True))
        self.assertEqual(self.subject(["Bearer abc"]), ("access_token", "abc"))
        self.assertEqual(self.subject(["bearer idk_1"]), ("api_key", "idk_1"))
        self.assertEqual(self.subject([], ["idk_1"]), ("api_key", "idk_1"))
        self.assertEqual(self.subject(["Bearer abc"], ["idk_1", "idk_2"]), ("access_token", "abc"))

    def test_malformed_credentials(self):
        for headers in ((["Bearer a", "Bearer a"],), (["Basic a"],), (["Bearer"],), (["Bearer "],), ([""],), (["abc"],),
                        ([], ["a", "a"]), ([], [""])):
            with self.subTest(headers=headers), self.assertRaises(Refused) as raised:
                self.subject(*headers)
            self.assertEqual((raised.exception.code.name, raised.exception.reason),
                             ("UNAUTHENTICATED", "CREDENTIAL_INVALID"))


class DecideTest(unittest.TestCase):

    def refusal(self, asked, **answer):
        with self.assertRaises(Refused) as raised:
            decide(asked, CheckPermissionResponse(**answer))
        return raised.exception

    def test_allowed(self):
        answer = CheckPermissionResponse(decision=DECISION_ALLOWED, session_id="s", scopes=["*"], consistency_token="c",
                                         principal={"id": "1", "username": "ada"}, expire_time={"seconds": 60})
        made = decide(ASKED, answer)
        self.assertEqual((made.principal.username, made.session_id, made.scopes, made.consistency_token),
                         ("ada", "s", ("*",), "c"))
        self.assertEqual(made.expire_time, datetime.datetime(1970, 1, 1, 0, 1, tzinfo=datetime.timezone.utc))
        self.assertIsNone(decide(ASKED, CheckPermissionResponse(decision=DECISION_ALLOWED)).expire_time)

    def test_every_reason_of_the_contract(self):
        unauthenticated, denied, exhausted = "UNAUTHENTICATED", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED"
        expected = {
            "UNSPECIFIED": (denied, "UNDECIDED"), "GRANTED": (denied, "UNDECIDED"),
            "CREDENTIAL_INVALID": (unauthenticated, "CREDENTIAL_INVALID"),
            "CREDENTIAL_EXPIRED": (unauthenticated, "CREDENTIAL_EXPIRED"),
            "CREDENTIAL_REVOKED": (unauthenticated, "CREDENTIAL_REVOKED"),
            "PRINCIPAL_DISABLED": (unauthenticated, "PRINCIPAL_DISABLED"),
            "QUOTA_EXCEEDED": (exhausted, "QUOTA_EXCEEDED"), "NO_BINDING": (denied, "NO_BINDING"),
            "SCOPE_INSUFFICIENT": (denied, "SCOPE_INSUFFICIENT"),
            "STEP_UP_REQUIRED": (unauthenticated, "STEP_UP_REQUIRED"),
        }
        for name, value in Reason.items():
            refused = self.refusal(ASKED, decision=DECISION_DENIED, reason=value)
            short = name.removeprefix("REASON_")
            self.assertEqual((refused.code.name, refused.reason), expected[short], name)

    def test_a_visitor_needs_a_credential(self):
        refused = self.refusal(ANONYMOUS, decision=DECISION_DENIED, reason=Reason.Value("REASON_NO_BINDING"))
        self.assertEqual((refused.code.name, refused.reason), ("UNAUTHENTICATED", "CREDENTIAL_REQUIRED"))

    def test_decisions_of_a_newer_service_are_denials(self):
        for answer in ({}, {"decision": 3}, {"decision": 3, "reason": Reason.Value("REASON_NO_BINDING")},
                       {"decision": DECISION_DENIED, "reason": 99}):
            with self.assertLogs("identity", "WARNING"):
                refused = self.refusal(ASKED, **answer)
            self.assertEqual((refused.code.name, refused.reason), ("PERMISSION_DENIED", "UNDECIDED"))

    def test_the_quota_says_when(self):
        refused = self.refusal(ASKED, decision=DECISION_DENIED, reason=Reason.Value("REASON_QUOTA_EXCEEDED"),
                               quota={"reset": {"seconds": 30}})
        self.assertEqual(refused.retry_after, 30)

    def test_an_error_says_nothing_about_the_backend(self):
        with self.assertLogs("identity", "WARNING") as log:
            refused = undecided(Error(grpc.StatusCode.UNAUTHENTICATED, "the key is unknown", reason="CALLER_INVALID"))
            self.assertEqual(undecided(Error(grpc.StatusCode.UNAVAILABLE, "", retry_after=5)).retry_after, 5)
        self.assertEqual((refused.code.name, refused.reason, refused.retry_after), ("UNAVAILABLE", "UNDECIDED", 1))
        self.assertNotIn("unknown", str(refused))
        self.assertIn("CALLER_INVALID: the key is unknown", log.output[0])

    def test_the_log_has_no_text_that_could_have_a_secret(self):
        with self.assertLogs("identity", "WARNING") as log:
            undecided(ValueError("Bearer idk_1"))
        self.assertEqual([each.split(":", 2)[2] for each in log.output], ["no decision: ValueError"])


if __name__ == "__main__":
    unittest.main()
