"""The alerts, the dashboard and the documents agree, and a real Prometheus runs them against real replicas.

    observability_test.py --binary IDENTITYD --stubs DIR [UNITTEST ARGUMENTS…]
"""

import base64
import json
import math
import pathlib
import re
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import yaml

from observability import ARGUMENTS, ROOT, running, until
from ports import free_port
import observability

OBSERVABILITY = ROOT / "observability"

ALERT_OF_RUNBOOK = re.compile(
    r"\*\*Alert:\*\* `(?P<name>\w+)`: `(?P<expr>[^`]+)`(?:\s+for\s+(?P<minutes>\d+)\s+minutes?)?")
ALERT_OF_METRICS = re.compile(r"\[(Identity\w+)\]\((runbook\.md#[a-z-]+)\)")
METRIC_ROW = re.compile(r"^\| `(\w+)` \| (?:counter|gauge|histogram) \|.*$", re.MULTILINE)
SELECTOR = re.compile(r"\b(?:identity_\w+|process_\w+|up)(?:\{[^}]*\})?(?!\w)")
# Prometheus scrapes each second here.
VARIABLES = {"$job": "identity", "$instance": ".*", "$__rate_interval": "1m"}


def alerts():
    """The rules of alerts.yaml, by name."""
    groups = yaml.safe_load((OBSERVABILITY / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def dashboard():
    """The queries of the dashboard, with their variables replaced, by the title of the panel and the id."""
    queries = {}
    for panel in json.loads((OBSERVABILITY / "dashboard.json").read_text(encoding="utf-8"))["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"]
            for name, value in VARIABLES.items():
                query = query.replace(name, value)
            queries[f"{panel['title']} {target['refId']}"] = query
    return queries


def document(name):
    """The text of a document of docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def promtool(*arguments):
    """Runs promtool in the folder with the alerts. Returns its exit status and its output."""
    done = subprocess.run(["promtool", *arguments], cwd=OBSERVABILITY, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8", timeout=60)
    return done.returncode, done.stdout


class DocumentsTest(unittest.TestCase):
    """Compares files. Needs no server."""

    def test_the_runbook_has_each_alert_with_its_expression_in_the_section_that_it_names(self):
        documented = {}
        for section in re.split(r"^## ", document("runbook.md"), flags=re.MULTILINE)[1:]:
            anchor = section.partition("\n")[0].lower().replace(" ", "-")
            self.assertEqual(section.count("**Alert:**"), len(ALERT_OF_RUNBOOK.findall(section)), anchor)
            for match in ALERT_OF_RUNBOOK.finditer(section):
                wait = f"{match['minutes']}m" if match["minutes"] else None
                documented[match["name"]] = (f"docs/runbook.md#{anchor}", " ".join(match["expr"].split()), wait)
        real = {name: (rule["annotations"]["runbook"], rule["expr"], rule.get("for"))
                for name, rule in alerts().items()}
        self.maxDiff = None
        self.assertEqual(documented, real)

    def test_the_table_of_metrics_names_each_alert_at_its_metrics(self):
        rules = alerts()
        linked = dict(ALERT_OF_METRICS.findall(document("metrics.md")))
        self.assertEqual(linked, {name: rule["annotations"]["runbook"].removeprefix("docs/")
                                  for name, rule in rules.items()})
        for row in METRIC_ROW.finditer(document("metrics.md")):
            with self.subTest(row[1]):
                using = {name for name, rule in rules.items() if re.search(rf"\b{row[1]}(_bucket)?\b", rule["expr"])}
                self.assertEqual({name for name, _ in ALERT_OF_METRICS.findall(row[0])}, using)

    def test_each_alert_has_a_severity_and_a_sentence(self):
        for name, rule in alerts().items():
            with self.subTest(name):
                self.assertIn(rule["labels"]["severity"], ("page", "ticket"))
                self.assertRegex(rule["annotations"]["summary"], r"^[A-Z{].*\.$")

    def test_the_kubernetes_resource_has_the_same_rules(self):
        resource = yaml.safe_load((ROOT / "k8s/components/prometheus/rules.yaml").read_text(encoding="utf-8"))
        rules = yaml.safe_load((OBSERVABILITY / "alerts.yaml").read_text(encoding="utf-8"))
        self.assertTrue(resource["spec"] == rules,
                        "k8s/components/prometheus/rules.yaml differs: run the commands at its top")

    def test_each_alert_fires_and_does_not_fire(self):
        status, output = promtool("test", "rules", "alerts_test.yaml")
        self.assertEqual(status, 0, output)
        tests = yaml.safe_load((OBSERVABILITY / "alerts_test.yaml").read_text(encoding="utf-8"))["tests"]
        fired = {name for test in tests for case in test["promql_expr_test"] for sample in case.get("exp_samples", [])
                 for name in re.findall(r'alertname="(\w+)"', sample["labels"])}
        self.assertEqual(fired, set(alerts()))


class Prometheus:
    """The HTTP API of a running Prometheus."""

    def __init__(self, port):
        self._url = f"http://127.0.0.1:{port}"

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self._url}/-/ready", timeout=10):
                return True
        except OSError:
            return False

    def values(self, query):
        """The values of an instant query. Fails if Prometheus refuses the query."""
        form = urllib.parse.urlencode({"query": query}).encode()
        try:
            with urllib.request.urlopen(f"{self._url}/api/v1/query", data=form, timeout=10) as answer:
                return [float(sample["value"][1]) for sample in json.load(answer)["data"]["result"]]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{query}: {error.read().decode()}") from None


    def exemplars(self, query):
        """The traces that the exemplars of a query name, in the last hour."""
        now = time.time()
        form = urllib.parse.urlencode({"query": query, "start": now - 3600, "end": now + 60}).encode()
        with urllib.request.urlopen(f"{self._url}/api/v1/query_exemplars", data=form, timeout=10) as answer:
            return {exemplar["labels"]["trace_id"] for series in json.load(answer)["data"]
                    for exemplar in series["exemplars"]}


class RunningTest(unittest.TestCase):
    """Two replicas that send mail, one of them with TLS, and a Prometheus that scrapes both."""

    @classmethod
    def setUpClass(cls):
        import deployment  # pylint: disable=import-outside-toplevel
        scratch = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="identity-observability.")))
        admin_ports = free_port(), free_port()
        rules = scratch / "routes.yaml"
        rules.write_text("version: 1\nrules: [{path: /health, public: true}]\n", encoding="utf-8")
        # Nobody listens at these addresses.
        options = ["--smtp-url=smtp://127.0.0.1:1", "--smtp-allow-plaintext", "--mail-from=identity@example.com",
                   "--otlp-endpoint=http://127.0.0.1:1", f"--routes={rules}"]
        cls.enterClassContext(deployment.deploy(
            ARGUMENTS.binary, f"--admin-address=127.0.0.1:{admin_ports[0]}", *options, replicas=1))
        cls._start_replica_with_tls(scratch, deployment.current(), admin_ports[1], options)
        cls.prometheus = cls._start_prometheus(scratch, admin_ports)

    @classmethod
    def _start_replica_with_tls(cls, scratch, deployed, admin_port, options):
        certificate, key = scratch / "certificate.pem", scratch / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)
        url = deployed.environment["IDENTITY_DATABASE_URL"]
        cls.enterClassContext(running(
            [ARGUMENTS.binary, "serve", "--database-url", url, "--master-key-file", deployed.state / "master.key",
             "--listen-address", f"127.0.0.1:{free_port()}", "--admin-address", f"127.0.0.1:{admin_port}",
             "--tls-certificate-file", certificate, "--tls-key-file", key, "--drain-delay=0s", *options],
            scratch / "identityd.log"))

    @classmethod
    def _start_prometheus(cls, scratch, admin_ports):
        targets = [f"127.0.0.1:{port}" for port in admin_ports]
        scrape = {"job_name": "identity", "static_configs": [{"targets": targets}]}
        configuration = {"global": {"scrape_interval": "1s"}, "scrape_configs": [scrape]}
        (scratch / "prometheus.yml").write_text(json.dumps(configuration), encoding="utf-8")
        port = free_port()
        cls.enterClassContext(running(
            ["prometheus", f"--config.file={scratch}/prometheus.yml", f"--storage.tsdb.path={scratch}/data",
             f"--web.listen-address=127.0.0.1:{port}", "--enable-feature=exemplar-storage"],
            scratch / "prometheus.log"))
        prometheus = Prometheus(port)
        until(prometheus.is_ready, "Prometheus is ready")
        return prometheus

    def setUp(self):
        until(lambda: self.prometheus.values('sum(up{job="identity"})') == [2], "a scrape of both replicas")
        self._ask_a_provider()
        until(lambda: self.prometheus.values("identity_provider_up"), "a provider was asked for its keys")

    def test_each_query_of_the_dashboard_shows_numbers(self):
        self._make_traffic()
        silent = dashboard()

        def all_show_numbers():
            for name, query in list(silent.items()):
                if not all(map(math.isnan, self.prometheus.values(query))):
                    del silent[name]
            return not silent

        until(all_show_numbers, silent)  # shows the queries that are still silent

    def test_each_alert_reads_metrics_that_exist(self):
        for name, rule in alerts().items():
            with self.subTest(name):
                self.prometheus.values(rule["expr"])
                for selector in SELECTOR.findall(rule["expr"]):
                    self.assertTrue(self.prometheus.values(selector), selector)

    def test_the_duration_of_a_traced_call_names_its_trace(self):
        import client  # pylint: disable=import-outside-toplevel
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        traced = [("traceparent", f"00-{trace}-00f067aa0ba902b7-01")]
        client.service(self, metadata=traced).check("observations:read", "", anonymous=True)
        query = 'identity_rpc_duration_seconds_bucket{method="identity.v1.IdentityService/CheckPermission"}'
        until(lambda: trace in self.prometheus.exemplars(query), "the trace is an exemplar")

    def _ask_a_provider(self):
        """A login at a provider that does not answer. Its metrics exist from then on."""
        import client  # pylint: disable=import-outside-toplevel
        import grpc  # pylint: disable=import-outside-toplevel
        from identity.v1 import admin_service_pb2, identity_service_pb2  # pylint: disable=import-outside-toplevel
        issuer = "https://127.0.0.1:1"
        provider = admin_service_pb2.IdentityProvider(name="away", issuer=issuer, audiences=["web"])
        try:
            client.admin(self).admin.CreateIdentityProvider(
                admin_service_pb2.CreateIdentityProviderRequest(provider=provider))
        except grpc.RpcError as error:
            self.assertEqual(client.reason_of(error), "ALREADY_EXISTS")
        parts = [{"alg": "RS256", "kid": "1"}, {"iss": issuer, "sub": "ada", "aud": "web"}, {}]
        token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        credential = {"issuer": issuer, "token": token}
        with self.assertRaises(grpc.RpcError) as refused:
            client.anonymous(self).identity.Authenticate(
                identity_service_pb2.AuthenticateRequest(id_token=credential))
        self.assertEqual(client.reason_of(refused.exception), "PROVIDER_UNAVAILABLE")

    def _make_traffic(self):
        """Each kind of event that a query of the dashboard divides by or takes a quantile of."""
        import client  # pylint: disable=import-outside-toplevel
        import grpc  # pylint: disable=import-outside-toplevel
        administrator = client.admin(self)
        client.create_role(administrator, "observer", ["observations:read"])
        for _ in range(10):
            client.service(self).check("observations:read", "", anonymous=True)
        with self.assertRaises(grpc.RpcError):
            client.anonymous(self).log_in("admin", "a wrong password")


if __name__ == "__main__":
    observability.main()
