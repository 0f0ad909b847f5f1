"""Policy enforcement points that speak AuthZEN's Authorization API 1.0 get their decisions, by its own scenarios."""

import json
import pathlib
import tempfile
import unittest
import uuid

import yaml
from identity.v1 import admin_service_pb2, identity_service_pb2

import client
import deployment
import http_server

CASES = deployment.ROOT / "tests" / "cases" / "authzen"
PASSWORD = "correct horse battery staple"
ISSUER = "https://identity.localhost"


class AuthZenTest(unittest.TestCase):
    """The doors with the fixture of a file of cases."""

    CASES = ""

    @classmethod
    def setUpClass(cls):
        cls.suffix = uuid.uuid4().hex[:8]
        options = []
        cls.cases = {"routes": None, "rights": {}}
        if cls.CASES:
            cls.cases = yaml.safe_load((CASES / cls.CASES).read_text(encoding="utf-8"))
            folder = tempfile.TemporaryDirectory(prefix="identity-authzen.")
            cls.addClassCleanup(folder.cleanup)
            routes = pathlib.Path(folder.name) / "routes.yaml"
            routes.write_text(yaml.safe_dump(cls.cases["routes"]), encoding="utf-8")
            options.append(f"--routes={routes}")
        cls.doors = http_server.HttpServer(*options)
        cls.addClassCleanup(cls.doors.stop)

    def setUp(self):
        self.administrator = client.admin(self, address=self.doors.rpc_address)
        if not hasattr(type(self), "key"):
            type(self).key = self.make_caller("identity:check", "identity:bindings:read")
            for name, places in self.cases["rights"].items():
                self.make_user(name, places)

    def make_caller(self, *permissions):
        name = f"pep-{uuid.uuid4().hex[:12]}"
        account = self.administrator.admin.CreateServiceAccount(
            admin_service_pb2.CreateServiceAccountRequest(name=name)).service_account
        client.create_role(self.administrator, name, permissions)
        client.bind(self.administrator, account.id, name)
        return self.administrator.identity.IssueApiKey(
            identity_service_pb2.IssueApiKeyRequest(owner_id=account.id, display_name="pep")).secret

    def make_user(self, name, places):
        """A user with permissions on resources; returns the id."""
        user = client.create_user(self.administrator, self.real(name), PASSWORD).user
        for resource, permissions in places.items():
            role = f"role-{uuid.uuid4().hex[:12]}"
            client.create_role(self.administrator, role, permissions)
            client.bind(self.administrator, user.id, role, resource)
        return user.id

    def real(self, name):
        """The name in this run: the users of a case are made anew."""
        return f"{name}-{self.suffix}"

    def with_real_names(self, value):
        if isinstance(value, list):
            return [self.with_real_names(item) for item in value]
        if not isinstance(value, dict):
            return value
        value = {key: self.with_real_names(item) for key, item in value.items()}
        if value.get("type") == "user" and value.get("id") in self.cases["rights"]:
            value["id"] = self.real(value["id"])
        return value

    def post(self, path, body, key=None, content_type="application/json", **headers):
        headers = {"Content-Type": content_type, "Authorization": f"Bearer {key or self.key}", **headers}
        return self.doors.ask("POST", f"/access/v1/{path}", body, headers)

    def ask(self, path, request, **options):
        return self.post(path, json.dumps(self.with_real_names(request)), **options)

    def assert_has(self, answer, expected):
        if isinstance(expected, dict):
            for name, value in expected.items():
                self.assertIn(name, answer)
                self.assert_has(answer[name], value)
        elif isinstance(expected, list):
            self.assertEqual(len(answer), len(expected), answer)
            for item, value in zip(answer, expected):
                self.assert_has(item, value)
        else:
            self.assertEqual(answer, expected)


class CertificationTest(AuthZenTest):

    CASES = "certification.yaml"

    def run_level(self, level):
        for case in self.cases[level]:
            with self.subTest(case["name"]):
                if "body" in case:
                    answer = self.post(case["path"], case["body"])
                else:
                    answer = self.ask(case["path"], case["request"],
                                      content_type=case.get("content_type", "application/json"))
                self.assertEqual(answer.status, case.get("status", 200), answer.body)
                if answer.status != 200:
                    self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
                    continue
                self.assertEqual(answer.headers["Content-Type"], "application/json")
                self.check(case, answer.json())

    def check(self, case, answer):
        if case["path"].startswith("evaluation"):
            self.assert_has(answer, case["answer"])
            for evaluation in answer.get("evaluations", [answer]):
                self.assertIsInstance(evaluation["decision"], bool)
                self.assertIsInstance(evaluation["context"], dict)
            return
        self.assertIsInstance(answer["results"], list)
        self.assertIsInstance(answer["page"]["next_token"], str)
        for wanted in self.with_real_names(case.get("includes", [])):
            self.assert_listed(wanted, answer["results"])
        if "exactly" in case:
            expected = self.with_real_names(case["exactly"])
            self.assertEqual(answer["results"], expected)

    def assert_listed(self, wanted, results):
        self.assertIn({key: value for key, value in wanted.items() if key != "properties"}, results)

    def test_basic(self):
        self.run_level("basic")

    def test_batch(self):
        self.run_level("batch")

    def test_semantics(self):
        self.run_level("semantics")

    def test_search(self):
        self.run_level("search")

    def test_every_page_of_a_search(self):
        request = {"subject": {"type": "user"}, "action": {"name": "read"},
                   "resource": {"type": "record", "id": "record-1"}}
        whole = [result["id"] for result in self.ask("search/subject", request).json()["results"]]
        paged, token = [], ""
        while True:
            page = self.ask("search/subject", {**request, "page": {"limit": 1, "token": token}}).json()
            paged += [result["id"] for result in page["results"]]
            token = page["page"]["next_token"]
            if not token:
                break
        self.assertEqual(paged, whole)
        self.assertIn(self.real("alice"), paged)

    def test_a_page_has_its_limit(self):
        request = {"subject": {"type": "user"}, "action": {"name": "read"},
                   "resource": {"type": "record", "id": "record-1"}, "page": {"limit": 1}}
        answer = self.ask("search/subject", request).json()
        self.assertLessEqual(len(answer["results"]), 1)
        self.assertTrue(answer["page"]["next_token"])
        self.assertEqual(self.ask("search/subject", {**request, "page": {"token": "x"}}).status, 400)

    def test_a_property_that_no_rule_can_use_denies(self):
        """Otherwise it would count as absent, and a weaker rule would decide."""
        for status in (["archived"], {"x": "archived"}, None):
            answer = self.ask("evaluation", {
                "subject": {"type": "user", "id": "alice"}, "action": {"name": "write"},
                "resource": {"type": "record", "id": "record-1", "properties": {"status": status}}})
            self.assertFalse(answer.json()["decision"], status)

    def test_the_request_id_comes_back(self):
        request = {"subject": {"type": "user", "id": "alice"}, "action": {"name": "read"},
                   "resource": {"type": "record", "id": "record-1"}}
        answer = self.ask("evaluation", request, **{"X-Request-ID": "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"})
        self.assertEqual(answer.headers["X-Request-ID"], "bfe9eb29-ab87-4ca3-be83-a1d5d8305716")
        decisions = {self.ask("evaluation", request).json()["decision"] for _ in range(10)}
        self.assertEqual(decisions, {True})

    def test_discovery(self):
        answer = self.doors.get("/.well-known/authzen-configuration")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/json"))
        document = answer.json()
        self.assertEqual(document["policy_decision_point"], ISSUER)
        for name, path in (("access_evaluation", "evaluation"), ("access_evaluations", "evaluations"),
                           ("search_subject", "search/subject"), ("search_resource", "search/resource"),
                           ("search_action", "search/action")):
            self.assertEqual(document[f"{name}_endpoint"], f"{ISSUER}/access/v1/{path}")


class TodoTest(AuthZenTest):

    CASES = "todo.yaml"

    def test_decisions(self):
        for subject, action, owner, decision in self.cases["decisions"]:
            resource = {"type": "todo", "id": "7240d0db-8ff0-41ec-98b2-34a096273b9f"}
            if action == "can_read_user":
                resource = {"type": "user", "id": "beth@the-smiths.com"}
            if owner:
                resource["properties"] = {"ownerID": owner}
            with self.subTest(subject=subject, action=action, owner=owner):
                answer = self.ask("evaluation", {"subject": {"type": "user", "id": subject},
                                                 "action": {"name": action}, "resource": resource})
                self.assertEqual(answer.json()["decision"], decision, answer.body)


class WithoutRulesTest(AuthZenTest):
    """The usual mapping, and what is ours beyond the scenarios."""

    def decide(self, subject, action="read", resource=("orgs", "acme/projects"), **options):
        request = {"subject": subject, "action": {"name": action},
                   "resource": {"type": resource[0], "id": resource[1]}}
        answer = self.ask("evaluation", request, **options)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()

    def test_decisions_are_counted(self):
        name = 'identity_decisions_total{reason="no_binding"}'
        before = self.doors.metric(name)
        self.assertFalse(self.decide({"type": "anonymous", "id": "x"})["decision"])
        self.assertEqual(self.doors.metric(name), before + 1)

    def test_subjects_by_id_name_and_credential(self):
        name = f"carol-{uuid.uuid4().hex[:8]}"
        user = client.create_user(self.administrator, name, PASSWORD).user
        client.create_role(self.administrator, name, ["orgs:read"])
        client.bind(self.administrator, user.id, name, "orgs/acme")
        tokens = client.anonymous(self, address=self.doors.rpc_address).log_in(name, PASSWORD)
        for subject in ({"type": "user", "id": user.id}, {"type": "user", "id": name},
                        {"type": "user", "id": name.upper()}, {"type": "access_token", "id": tokens.access_token}):
            self.assertTrue(self.decide(subject)["decision"], subject)
            self.assertTrue(self.decide(subject, action="orgs:read")["decision"], subject)
            self.assertFalse(self.decide(subject, resource=("orgs", "other"))["decision"], subject)
        for subject in ({"type": "service_account", "id": name}, {"type": "spaceship", "id": user.id},
                        {"type": "user", "id": "x" * 1000}, {"type": "user", "id": "a'--\u0000"},
                        {"type": "access_token", "id": user.id}, {"type": "anonymous", "id": "x"},
                        {"type": "service_account", "id": user.id}, {"type": "anonymous", "id": user.id}):
            self.assertFalse(self.decide(subject)["decision"], subject)
        client.anonymous(self, address=self.doors.rpc_address).identity.Revoke(
            identity_service_pb2.RevokeRequest(access_token=tokens.access_token))
        denied = self.decide({"type": "access_token", "id": tokens.access_token})
        self.assertEqual((denied["decision"], denied["context"]["reason"]), (False, "credential_revoked"))

    def test_keys_have_their_quota_and_their_scopes(self):
        name = f"robot-{uuid.uuid4().hex[:8]}"
        account = self.administrator.admin.CreateServiceAccount(
            admin_service_pb2.CreateServiceAccountRequest(name=name)).service_account
        client.create_role(self.administrator, name, ["orgs:*"])
        client.bind(self.administrator, account.id, name)
        key = self.administrator.identity.IssueApiKey(identity_service_pb2.IssueApiKeyRequest(
            owner_id=account.id, display_name="quota", scopes=["orgs:read"], requests_per_minute=2)).secret
        reasons = [self.decide({"type": "api_key", "id": key}, action=action)["context"]["reason"]
                   for action in ("read", "write", "read")]
        self.assertEqual(reasons, ["granted", "scope_insufficient", "quota_exceeded"])
        self.assertEqual(self.decide({"type": "api_key", "id": key[:-1] + "_"})["context"]["reason"],
                         "credential_invalid")

    def test_searches_do_not_judge_credentials(self):
        for path, request in (("search/resource", {"action": {"name": "read"}, "resource": {"type": "orgs"}}),
                              ("search/action", {"resource": {"type": "orgs", "id": "acme"}})):
            found = self.ask(path, {"subject": {"type": "api_key", "id": self.key}, **request}).json()
            self.assertEqual((found["results"], found["context"]["complete"]), ([], False))

    def test_what_no_resource_can_be_made_of_is_denied(self):
        for resource in (("orgs", "../acme"), ("orgs", "acme//projects"), ("or gs", "acme"), ("orgs", "a?b")):
            here = deployment.current()
            self.assertFalse(self.decide({"type": "user", "id": here.admin_login}, resource=resource)["decision"])

    def test_a_search_says_when_it_cannot_list_everything(self):
        name = f"dave-{uuid.uuid4().hex[:8]}"
        user = client.create_user(self.administrator, name, PASSWORD).user
        client.create_role(self.administrator, name, ["orgs:read"])
        client.bind(self.administrator, user.id, name, "orgs/acme")
        found = self.ask("search/resource", {"subject": {"type": "user", "id": name}, "action": {"name": "read"},
                                             "resource": {"type": "orgs"}}).json()
        self.assertEqual(found["results"], [{"type": "orgs", "id": "acme"}])
        self.assertFalse(found["context"]["complete"], "what is below orgs/acme has ids, too")
        self.assertTrue(found["context"]["consistency_token"])
        found = self.ask("search/action", {"subject": {"type": "user", "id": name},
                                           "resource": {"type": "orgs", "id": "acme"}}).json()
        self.assertEqual((found["results"], found["context"]["complete"]), ([], False))

    def test_only_for_callers_with_the_permission(self):
        request = {"subject": {"type": "user", "id": "x"}, "action": {"name": "read"},
                   "resource": {"type": "orgs", "id": "acme"}}
        checker = self.make_caller("identity:check")
        self.assertEqual(self.ask("evaluation", request, key=checker).status, 200)
        for path in ("search/subject", "search/resource", "search/action"):
            self.assertEqual(self.ask(path, request, key=checker).status, 403)
        reader = self.make_caller("identity:bindings:read")
        for path in ("evaluation", "evaluations"):
            self.assertEqual(self.ask(path, request, key=reader).status, 403)
        stranger = self.doors.ask("POST", "/access/v1/evaluation", json.dumps(request),
                                  {"Content-Type": "application/json"})
        self.assertEqual((stranger.status, stranger.headers["WWW-Authenticate"].split()[0]), (401, "Bearer"))

    def test_bounds(self):
        many = {"subject": {"type": "user", "id": "x"}, "action": {"name": "read"},
                "evaluations": [{"resource": {"type": "a", "id": "b"}}] * 1001}
        self.assertEqual(self.ask("evaluations", many).status, 400)
        del many["evaluations"][1000:]
        self.assertEqual(len(self.ask("evaluations", many).json()["evaluations"]), 1000)
        many["subject"]["properties"] = {f"p{i}": i for i in range(65)}
        self.assertEqual({answer["decision"] for answer in self.ask("evaluations", many).json()["evaluations"]}, {False})
        question = '"subject":{"type":"user","id":"x"},"action":{"name":"read"},"resource":{"type":"a","id":"b"}'
        self.assertEqual(self.post("evaluation", "{%s}" % question).status, 200)
        for body in ("[" * 60000, '{"subject":' * 5000, "[" * 30000 + "]" * 30000,
                     '{%s,"x":%s}' % (question, "[" * 30000 + "]" * 30000), '{%s,"subject":{}}' % question,
                     '{%s}\0' % question, '{%s,"x":{"a":1,"a":2}}' % question):
            self.assertEqual(self.post("evaluation", body).status, 400, body[:200])
        self.assertEqual(self.post("evaluation", '{%s,"x":[{"a":1},{"a":2}]}' % question).status, 200)
        # A body of this size is read by a worker.
        self.assertEqual(self.post("evaluation", '{%s,"x":"%s"}' % (question, "x" * 20000)).status, 200)
        for integer, status in ((2**64 - 1, 200), (-2**63, 200), (2**64, 400), (-2**63 - 1, 400)):
            self.assertEqual(self.post("evaluation", '{%s,"x":%d}' % (question, integer)).status, status, integer)
