#!/usr/bin/python3
"""The manifests of k8s/ build, and keep the rules that no schema knows."""

import base64
import re
import subprocess
import unittest

import manifests
from manifests import named, of_kind, template_of, workloads

SERVER = {"app.kubernetes.io/name": "identity", "app.kubernetes.io/component": "server"}
FRONTEND = {"app.kubernetes.io/name": "login-frontend", "app.kubernetes.io/component": "frontend"}
# Made by operators, from other objects.
MADE_BY_OPERATORS = {"identity-tls", "identity-database-ca", "login-frontend-tls"}
# Kubernetes makes it in every namespace.
ROOT_CA = "kube-root-ca.crt"
FOLDER_OPTION = "IDENTITY_KUBERNETES_CREDENTIALS"  # the other options name files
OF_THE_CLUSTER = ("Namespace", "ClusterRoleBinding")


def setUpModule():
    global copy, rendered
    copy = manifests.Copy()
    rendered = {overlay: copy.render(overlay) for overlay in manifests.OVERLAYS}
    for component in manifests.OPTIONAL_COMPONENTS:
        extended = manifests.Copy()
        extended.add_component("production", component)
        rendered[f"production with {component}"] = extended.render("production")
        extended.close()


def tearDownModule():
    copy.close()


def selects(selector, labels):
    return selector.items() <= labels.items()


def pod_labels(objects, name="identity"):
    return named(objects, "Deployment", name)["spec"]["template"]["metadata"]["labels"]


def containers(objects):
    """(name of the workload, pod's spec, container) of all containers."""
    return [(owner["metadata"]["name"], template["spec"], container) for owner, template in workloads(objects)
            for container in template["spec"]["containers"] + template["spec"].get("initContainers", [])]


def references(value, kind):
    """The names of Secrets or ConfigMaps (`kind`: "secret" or "configMap") that a spec needs."""
    if isinstance(value, list):
        for one in value:
            yield from references(one, kind)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in (f"{kind}KeyRef", f"{kind}Ref", "accessKeyId", "secretAccessKey", "passwordSecret"):
                if kind == "secret" or key.startswith(kind):
                    yield one["name"]
            elif key == kind and isinstance(one, dict):
                yield one["secretName" if kind == "secret" and "secretName" in one else "name"]
            yield from references(one, kind)


def environment(objects, name="identity"):
    """The options that the ConfigMap of the Deployment sets."""
    container = named(objects, "Deployment", name)["spec"]["template"]["spec"]["containers"][0]
    return named(objects, "ConfigMap", container["envFrom"][0]["configMapRef"]["name"])["data"]


def default_of(option):
    """The default that docs/configuration.md states."""
    text = (manifests.ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    return re.search(rf"^\| `{option}` \| `\w+` \| `(.*?)` \|", text, re.MULTILINE)[1]


class EveryOverlay(unittest.TestCase):
    """Runs `check` with the objects of each overlay."""

    def each(self, check, *only):
        for overlay, objects in rendered.items():
            if not only or overlay in only:
                with self.subTest(overlay):
                    check(objects)


class PodTest(EveryOverlay):

    def check_containers(self, objects):
        for owner, pod, container in containers(objects):
            with self.subTest(owner):
                security = container["securityContext"]
                self.assertIs(security["readOnlyRootFilesystem"], True)
                self.assertIs(security["allowPrivilegeEscalation"], False)
                self.assertEqual(security["capabilities"], {"drop": ["ALL"]})
                self.assertIs(pod["securityContext"]["runAsNonRoot"], True)
                self.assertGreater(pod["securityContext"]["runAsUser"], 0)
                self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                self.assertIn("memory", container["resources"]["limits"])
                self.assertLessEqual({"cpu", "memory"}, set(container["resources"]["requests"]))
                self.assertIs(pod["automountServiceAccountToken"], False)
                self.assertIs(pod["enableServiceLinks"], False)

    def check_namespace(self, objects):
        (namespace,) = of_kind(objects, "Namespace")
        for mode in ("enforce", "audit", "warn"):
            self.assertEqual(namespace["metadata"]["labels"][f"pod-security.kubernetes.io/{mode}"], "restricted")
        places = {one["metadata"].get("namespace") for one in objects if one["kind"] not in OF_THE_CLUSTER}
        self.assertEqual(places, {namespace["metadata"]["name"]})

    def test_every_container_is_restricted(self):
        def check(objects):
            self.assertGreaterEqual(len(containers(objects)), 2)
            self.check_containers(objects)
        self.each(check)
        self.assertEqual(len(containers(manifests.example())), 1)
        self.check_containers(manifests.example())

    def test_every_namespace_enforces_restricted_pods(self):
        self.each(self.check_namespace)
        self.check_namespace(manifests.example())

    def test_no_image_can_change_its_meaning_in_production(self):
        def check(objects):
            for owner, _, container in containers(objects):
                self.assertRegex(container["image"], r"@sha256:[0-9a-f]{64}$", owner)
        self.each(check, *(overlay for overlay in rendered if overlay.startswith("production")))

    def test_probes_and_grace_fit_the_server(self):
        def check(objects):
            pod = named(objects, "Deployment", "identity")["spec"]["template"]["spec"]
            (container,) = pod["containers"]
            paths = {probe: container[f"{probe}Probe"]["httpGet"]["path"]
                     for probe in ("startup", "liveness", "readiness")}
            self.assertEqual(paths, {"startup": "/livez", "liveness": "/livez", "readiness": "/readyz"})
            drain = sum(int(default_of(option).rstrip("s")) for option in ("drain-delay", "drain-timeout"))
            self.assertGreaterEqual(pod["terminationGracePeriodSeconds"], drain + 10)
            for probe in ("startup", "liveness", "readiness"):
                self.assertEqual(container[f"{probe}Probe"]["httpGet"]["port"], "admin")
        self.each(check)

    def test_the_options_open_the_ports_that_pods_and_services_name(self):
        def check(objects):
            (container,) = named(objects, "Deployment", "identity")["spec"]["template"]["spec"]["containers"]
            named_ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
            options = {"grpc": "LISTEN", "admin": "ADMIN", "doors": "HTTP"}
            opened = {name: environment(objects).get(f"IDENTITY_{option}_ADDRESS", "").rpartition(":")[2]
                      for name, option in options.items()}
            self.assertEqual({name: number for name, number in opened.items() if number}, named_ports)
            for service in ("identity", "identity-replicas"):
                ports = named(objects, "Service", service)["spec"]["ports"]
                self.assertEqual({port["name"]: str(port["port"]) for port in ports},
                                 {name: number for name, number in named_ports.items()
                                  if name != "admin" or service == "identity-replicas"})
                self.assertTrue(all(port["targetPort"] == port["name"] for port in ports))
        self.each(check)
        self.assertIn("IDENTITY_HTTP_ADDRESS", environment(rendered["production with http-doors"]))

    def test_a_service_mesh_takes_the_doors_for_plain_http_only_if_they_are(self):
        def check(objects):
            tls = "IDENTITY_TLS_CERTIFICATE_FILE" in environment(objects)
            for service in ("identity", "identity-replicas"):
                ports = {port["name"]: port for port in named(objects, "Service", service)["spec"]["ports"]}
                self.assertEqual(ports["grpc"]["appProtocol"], "https" if tls else "kubernetes.io/h2c")
                self.assertNotIn("appProtocol", ports.get("doors", {}))
        self.each(check)

    def test_options_exist_and_files_are_mounted(self):
        known = (manifests.ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

        def check(objects):
            pod = named(objects, "Deployment", "identity")["spec"]["template"]["spec"]
            mounts = {mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
            variables = {**environment(objects), **{one["name"]: "" for one in pod["containers"][0]["env"]}}
            url = named(objects, "ConfigMap", "identity-database")["data"]["url"]
            files = re.findall(r"sslrootcert=([^&]*)", url)
            for name, value in variables.items():
                if name.startswith("IDENTITY_"):
                    self.assertIn(f"`{name}`", known)
                if value.startswith("/"):
                    files.append(value)
            self.assertGreater(len(files), 0)
            for file in files:
                self.assertIn(file if file == variables.get(FOLDER_OPTION) else file.rpartition("/")[0], mounts)
        self.each(check)

    def test_no_component_replaces_an_option_of_the_overlay(self):
        lines = (copy.overlay("production") / "identity.env").read_text(encoding="utf-8").splitlines()
        options = dict(line.split("=", 1) for line in lines)
        self.assertIn("IDENTITY_ISSUER", options)
        for overlay, objects in rendered.items():
            if overlay != "dev":
                self.assertLessEqual(options.items(), environment(objects).items(), overlay)

    def test_plain_text_is_for_dev_only(self):
        for overlay, objects in rendered.items():
            self.assertEqual("IDENTITY_ALLOW_PLAINTEXT" in environment(objects), overlay == "dev", overlay)
            self.assertEqual("IDENTITY_TLS_CLIENT_CA_FILE" in environment(objects), overlay != "dev", overlay)


class SelectorTest(EveryOverlay):

    def test_everything_that_selects_replicas_selects_them(self):
        def check(objects):
            labels = pod_labels(objects)
            self.assertTrue(selects(SERVER, labels))
            deployment = named(objects, "Deployment", "identity")["spec"]
            self.assertEqual(deployment["selector"]["matchLabels"], SERVER)
            for spread in deployment["template"]["spec"]["topologySpreadConstraints"]:
                self.assertEqual(spread["labelSelector"]["matchLabels"], SERVER)
            for service in ("identity", "identity-replicas"):
                self.assertEqual(named(objects, "Service", service)["spec"]["selector"], SERVER)
            for budget in of_kind(objects, "PodDisruptionBudget"):
                own = {"identity": SERVER, "login-frontend": FRONTEND}[budget["metadata"]["name"]]
                self.assertEqual(budget["spec"]["selector"]["matchLabels"], own)
            for autoscaler in of_kind(objects, "HorizontalPodAutoscaler"):
                self.assertEqual(autoscaler["spec"]["scaleTargetRef"],
                                 {"apiVersion": "apps/v1", "kind": "Deployment", "name": "identity"})
                self.assertNotIn("replicas", deployment)
            for job in of_kind(objects, "Job", "CronJob"):
                self.assertFalse(selects(SERVER, template_of(job)["metadata"]["labels"]),
                                 "a Service would send calls to the Job")
        self.each(check)

    def test_production_has_a_budget_and_an_autoscaler(self):
        for kind in ("PodDisruptionBudget", "HorizontalPodAutoscaler"):
            self.assertEqual(len(of_kind(rendered["production"], kind)), 1)
            self.assertEqual(len(of_kind(rendered["dev"], kind)), 0)

    def test_the_monitor_finds_one_service(self):
        (monitor,) = of_kind(rendered["production"], "ServiceMonitor")
        found = [service["metadata"]["name"] for service in of_kind(rendered["production"], "Service")
                 if selects(monitor["spec"]["selector"]["matchLabels"], service["metadata"]["labels"])]
        self.assertEqual(found, ["identity-replicas"])
        ports = {port["name"] for port in named(rendered["production"], "Service", found[0])["spec"]["ports"]}
        self.assertLessEqual({endpoint["port"] for endpoint in monitor["spec"]["endpoints"]}, ports)


class NetworkTest(EveryOverlay):

    @staticmethod
    def rules(objects, labels, direction):
        """The rules of all policies that select pods with these labels. None if no policy does."""
        policies = [policy["spec"] for policy in of_kind(objects, "NetworkPolicy")
                    if selects(policy["spec"]["podSelector"].get("matchLabels", {}), labels)
                    and direction in policy["spec"]["policyTypes"]]
        if not policies:
            return None
        return [rule for policy in policies for rule in policy.get(direction.lower(), [])]

    def test_only_labelled_pods_reach_a_port_of_a_replica(self):
        def check(objects):
            rules = self.rules(objects, pod_labels(objects), "Ingress")
            allowed = {}
            for rule in rules:
                for port in rule["ports"]:
                    for peer in rule["from"]:
                        allowed.setdefault(port["port"], []).append(peer["podSelector"]["matchLabels"])
            labels = {"grpc": "identity/caller", "admin": "identity/scraper"}
            if "IDENTITY_HTTP_ADDRESS" in environment(objects):
                labels["doors"] = "identity/http-caller"
            self.assertEqual(allowed, {port: [{label: "true"}] for port, label in labels.items()})
        self.each(check)

    def test_identity_reaches_only_dns_its_database_and_what_a_component_is_for(self):
        everywhere = {"mail": {"ports": [{"port": 465}, {"port": 587}]},
                      "identity-providers": {"ports": [{"port": 443}]},
                      "workload-identity": {"ports": [{"port": 443}, {"port": 6443}]}}
        for overlay, objects in rendered.items():
            for _, template in workloads(objects):
                labels = template["metadata"]["labels"]
                if labels["app.kubernetes.io/name"] != "identity":
                    continue
                with self.subTest(overlay, component=labels["app.kubernetes.io/component"]):
                    rules = self.rules(objects, labels, "Egress")
                    open_rules = [rule for rule in rules if "to" not in rule]
                    serves = labels["app.kubernetes.io/component"] == "server"
                    component = overlay.rpartition(" ")[2] if serves else ""
                    self.assertEqual(open_rules, [everywhere[component]] if component in everywhere else [])
                    # A peer that is a block of addresses, or an empty list of peers, would be everywhere.
                    for rule in rules:
                        self.assertNotEqual(rule.get("to"), [])
                        self.assertTrue(all("podSelector" in peer for peer in rule.get("to", [])), rule)
                    ports = {port["port"] for rule in rules if "to" in rule for port in rule["ports"]}
                    self.assertEqual(ports, {53, 5432, 4317} if serves and "traces" in overlay else {53, 5432})

    def test_every_pod_of_ours_has_policies_for_both_directions(self):
        def check(objects):
            for owner, template in workloads(objects):
                for direction in ("Ingress", "Egress"):
                    rules = self.rules(objects, template["metadata"]["labels"], direction)
                    self.assertIsNotNone(rules, (owner["metadata"]["name"], direction))
                    for rule in rules if direction == "Ingress" else []:
                        self.assertTrue(rule.get("from"), "lets in everybody")
        self.each(check)


class WorkloadTest(unittest.TestCase):
    """The component workload-identity, and the example of a backend."""

    @staticmethod
    def tokens(template):
        """The volumes with a token of Kubernetes, by their mount path: the sources of each."""
        (container,) = template["spec"]["containers"]
        places = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        return {places[volume["name"]]: volume["projected"]["sources"] for volume in template["spec"]["volumes"]
                if "projected" in volume}

    def test_only_the_server_of_the_component_has_a_token(self):
        for overlay, objects in rendered.items():
            for owner, template in workloads(objects):
                has_token = "serviceAccountToken" in repr(template)
                serves = owner["kind"] == "Deployment" and owner["metadata"]["name"] == "identity"
                self.assertEqual(has_token, serves and "workload-identity" in overlay, (overlay, owner["metadata"]))

    def test_the_server_has_a_token_for_the_api_server_and_its_ca_in_one_folder(self):
        objects = rendered["production with workload-identity"]
        options = environment(objects)
        tokens = self.tokens(named(objects, "Deployment", "identity")["spec"]["template"])
        ((folder, (account, authority)),) = tokens.items()
        self.assertEqual(options[FOLDER_OPTION], folder)
        self.assertEqual(account["serviceAccountToken"]["path"], "token")
        self.assertNotIn("audience", account["serviceAccountToken"], "the API server accepts its own only")
        self.assertEqual(authority["configMap"], {"name": ROOT_CA, "items": [{"key": "ca.crt", "path": "ca.crt"}]})

    def test_the_server_may_only_read_the_keys(self):
        objects = rendered["production with workload-identity"]
        (binding,) = of_kind(objects, "ClusterRoleBinding", "RoleBinding")
        self.assertEqual(binding["roleRef"]["name"], "system:service-account-issuer-discovery")
        account = named(objects, "Deployment", "identity")["spec"]["template"]["spec"]["serviceAccountName"]
        self.assertEqual(binding["subjects"], [{"kind": "ServiceAccount", "name": account, "namespace": "identity"}])
        for overlay in rendered.keys() - {"production with workload-identity"}:
            self.assertEqual(of_kind(rendered[overlay], "ClusterRoleBinding", "RoleBinding"), [], overlay)

    def test_the_backend_of_the_example_has_no_secret_and_a_short_token_for_identity(self):
        objects = manifests.example()
        deployment = named(objects, "Deployment", "billing")
        template = deployment["spec"]["template"]
        specs = [one["spec"] for one in objects if "spec" in one]
        self.assertEqual(list(references(specs, "secret")) + list(references(specs, "configMap")), [])
        account = template["spec"]["serviceAccountName"]
        self.assertTrue(named(objects, "ServiceAccount", account))
        self.assertNotEqual(account, "default")
        ((folder, (source,)),) = self.tokens(template).items()
        self.assertEqual(source, {"serviceAccountToken": {"audience": "identity", "expirationSeconds": 3600,
                                                          "path": "token"}})
        self.assertIn(f"{folder}/token", template["spec"]["containers"][0]["args"][0])

    def test_the_backend_of_the_example_reaches_the_replicas_of_dev(self):
        template = named(manifests.example(), "Deployment", "billing")["spec"]["template"]
        labels = template["metadata"]["labels"]
        self.assertTrue(selects(named(manifests.example(), "Deployment", "billing")["spec"]["selector"]["matchLabels"],
                                labels))
        (namespace,) = of_kind(rendered["dev"], "Namespace")
        allowed = [peer["podSelector"]["matchLabels"]
                   for rule in NetworkTest.rules(rendered["dev"], pod_labels(rendered["dev"]), "Ingress")
                   for peer in rule["from"] if rule["ports"] == [{"port": "grpc"}]]
        self.assertTrue(any(selects(selector, labels) for selector in allowed))
        rules = NetworkTest.rules(manifests.example(), labels, "Egress")
        self.assertTrue(all(rule["to"] for rule in rules))
        (peer,) = [peer for rule in rules for peer in rule["to"] if rule["ports"] == [{"port": 50051}]]
        self.assertTrue(selects(peer["podSelector"]["matchLabels"], pod_labels(rendered["dev"])))
        self.assertEqual(list(peer["namespaceSelector"]["matchLabels"].values()), [namespace["metadata"]["name"]])
        self.assertEqual(NetworkTest.rules(manifests.example(), labels, "Ingress"), [])
        self.assertTrue(named(rendered["dev"], "Service", "identity"))
        self.assertIn(f"identity.{namespace['metadata']['name']}.svc.cluster.local:50051",
                      template["spec"]["containers"][0]["args"][0])


class FrontendTest(unittest.TestCase):
    """The component login-frontend."""

    def setUp(self):
        self.objects = rendered["production with login-frontend"]
        self.deployment = named(self.objects, "Deployment", "login-frontend")["spec"]
        self.pod = self.deployment["template"]["spec"]
        (self.container,) = self.pod["containers"]
        self.options = environment(self.objects, "login-frontend")

    def test_options_exist_and_files_are_mounted(self):
        readme = (manifests.ROOT / "client" / "frontend" / "README.md").read_text(encoding="utf-8")
        mounts = {mount["mountPath"] for mount in self.container["volumeMounts"]}
        for name, value in self.options.items():
            self.assertIn(f"| `{name.removeprefix('IDENTITY_FRONTEND_')}` |", readme)
            if name.endswith("_FILE"):
                self.assertIn(value.rpartition("/")[0], mounts)

    def test_everything_that_selects_replicas_selects_them(self):
        selectors = [self.deployment["selector"]["matchLabels"],
                     named(self.objects, "Service", "login-frontend")["spec"]["selector"],
                     named(self.objects, "PodDisruptionBudget", "login-frontend")["spec"]["selector"]["matchLabels"],
                     *(one["labelSelector"]["matchLabels"] for one in self.pod["topologySpreadConstraints"])]
        self.assertEqual(selectors, [FRONTEND] * 5)
        self.assertTrue(selects(FRONTEND, pod_labels(self.objects, "login-frontend")))
        self.assertGreaterEqual(self.deployment["replicas"], 2)

    def test_the_pods_have_a_service_account_of_their_own(self):
        self.assertEqual(self.pod["serviceAccountName"], "login-frontend")
        account = named(self.objects, "ServiceAccount", "login-frontend")
        self.assertIs(account["automountServiceAccountToken"], False)

    def test_people_reach_the_port_of_the_options_and_passwords_never_travel_in_plain_text(self):
        self.assertIn("IDENTITY_FRONTEND_TLS_CERTIFICATE_FILE", self.options)
        self.assertIn("IDENTITY_FRONTEND_CA_FILE", self.options)
        self.assertNotIn("IDENTITY_FRONTEND_PLAINTEXT", self.options)
        number = int(self.options["IDENTITY_FRONTEND_LISTEN"].rpartition(":")[2])
        self.assertEqual(self.container["ports"], [{"name": "https", "containerPort": number}])
        (port,) = named(self.objects, "Service", "login-frontend")["spec"]["ports"]
        self.assertEqual((port["targetPort"], port["appProtocol"]), ("https", "https"))

    def test_probes_ask_for_a_host_that_is_served_and_need_no_identity(self):
        (host,) = self.options["IDENTITY_FRONTEND_TRUSTED_HOSTS"].split()
        for probe in ("startup", "liveness", "readiness"):
            self.assertEqual(self.container[f"{probe}Probe"]["httpGet"],
                             {"path": "/livez", "port": "https", "scheme": "HTTPS",
                              "httpHeaders": [{"name": "Host", "value": host}]})

    def test_the_address_and_the_certificates_fit(self):
        certificate = named(self.objects, "Certificate", "login-frontend")["spec"]
        self.assertLessEqual({"client auth", "server auth"}, set(certificate["usages"]))
        self.assertIn("login-frontend.identity.svc", certificate["dnsNames"])
        self.assertIn({"name": "tls", "secret": {"secretName": certificate["secretName"], "defaultMode": 0o440}},
                      self.pod["volumes"])
        service, _, port = self.options["IDENTITY_ADDRESS"].removeprefix("dns:///").rpartition(":")
        self.assertIn(service, named(self.objects, "Certificate", "identity")["spec"]["dnsNames"])
        self.assertIn(int(port), [one["port"] for one in named(self.objects, "Service", service)["spec"]["ports"]])

    def test_only_proxies_reach_it_and_it_reaches_only_dns_and_identity(self):
        labels = pod_labels(self.objects, "login-frontend")
        self.assertEqual(NetworkTest.rules(self.objects, labels, "Ingress"), [
            {"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"identity/frontend-proxy": "true"}}}],
             "ports": [{"port": "https"}]}])
        dns, identity = NetworkTest.rules(self.objects, labels, "Egress")
        self.assertIn(dns, NetworkTest.rules(self.objects, pod_labels(self.objects), "Egress"))
        self.assertEqual(identity, {"to": [{"podSelector": {"matchLabels": SERVER}}], "ports": [{"port": 50051}]})
        self.assertEqual(labels["identity/caller"], "true")

    def test_it_reaches_providers_only_with_the_component_for_them(self):
        both = manifests.Copy()
        self.addCleanup(both.close)
        for component in ("login-frontend", "identity-providers"):
            both.add_component("production", component)
        objects = both.render("production")
        rules = NetworkTest.rules(objects, pod_labels(objects, "login-frontend"), "Egress")
        self.assertEqual([rule for rule in rules if "to" not in rule], [{"ports": [{"port": 443}]}])


class DatabaseTest(unittest.TestCase):

    def test_the_database_has_a_connection_for_every_replica(self):
        objects = rendered["production"]
        cluster = named(objects, "Cluster", "identity-database")["spec"]
        (autoscaler,) = of_kind(objects, "HorizontalPodAutoscaler")
        surge = named(objects, "Deployment", "identity")["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
        pool = int(environment(objects).get("IDENTITY_DATABASE_CONNECTIONS", default_of("database-connections")))
        needed = (autoscaler["spec"]["maxReplicas"] + surge) * (pool + 1)
        # While no standby answers, commits that wait for one keep their connections (docs/operations.md).
        self.assertGreaterEqual(int(cluster["postgresql"]["parameters"]["max_connections"]), needed * 1.5 + 20)

    def test_no_acknowledged_commit_is_lost(self):
        cluster = named(rendered["production"], "Cluster", "identity-database")["spec"]
        self.assertEqual(cluster["instances"], 3)
        self.assertEqual(cluster["postgresql"]["synchronous"],
                         {"method": "any", "number": 1, "dataDurability": "required", "failoverQuorum": True})

    def test_the_parts_of_the_database_name_each_other(self):
        objects = rendered["production"]
        cluster = named(objects, "Cluster", "identity-database")
        url = named(objects, "ConfigMap", "identity-database")["data"]["url"]
        self.assertTrue(url.startswith("postgresql://identity-database-rw/identity?"))
        self.assertNotIn("sslmode", url, "the server's default verifies the certificate and the name")
        backup = named(objects, "ScheduledBackup", "identity-database")["spec"]
        self.assertEqual(backup["cluster"]["name"], cluster["metadata"]["name"])
        (plugin,) = cluster["spec"]["plugins"]
        self.assertEqual(plugin["name"], backup["pluginConfiguration"]["name"])
        self.assertTrue(named(objects, "ObjectStore", plugin["parameters"]["barmanObjectName"]))
        users = {name: base64.b64decode(named(objects, "Secret", name)["data"]["username"]).decode()
                 for name in ("identity-owner", "identity-server")}
        self.assertEqual(cluster["spec"]["bootstrap"]["initdb"]["owner"], users["identity-owner"])
        self.assertEqual(cluster["spec"]["bootstrap"]["initdb"]["secret"]["name"], "identity-owner")
        (role,) = cluster["spec"]["managed"]["roles"]
        self.assertEqual((role["name"], role["passwordSecret"]["name"]), (users["identity-server"], "identity-server"))

    def test_the_server_and_the_jobs_use_different_roles(self):
        for overlay, objects in rendered.items():
            for kind, name, secret in (("Deployment", "identity", "identity-server"),
                                       ("Job", "identity-migration", "identity-owner"),
                                       ("CronJob", "identity-rewrap", "identity-owner")):
                pod = template_of(named(objects, kind, name))["spec"]
                used = {one["valueFrom"]["secretKeyRef"]["name"] for one in pod["containers"][0]["env"]
                        if one["name"].startswith("PG")}
                self.assertEqual(used, {secret}, overlay)


class SecretTest(EveryOverlay):

    def test_everything_that_is_named_exists_or_is_in_the_readme(self):
        readme = manifests.README.read_text(encoding="utf-8")
        listed = set(re.findall(r"^\| `([a-z-]+)` \| `", readme, re.MULTILINE))

        def check(objects):
            made = {kind: {one["metadata"]["name"] for one in of_kind(objects, kind)}
                    for kind in ("Secret", "ConfigMap")}
            specs = [one["spec"] for one in objects if "spec" in one]
            for name in set(references(specs, "configMap")) - {ROOT_CA}:
                self.assertIn(name, made["ConfigMap"])
            needed = set(references(specs, "secret"))
            self.assertGreaterEqual(len(needed), 3)
            self.assertEqual({name for name in needed - made["Secret"] if name not in listed}, set())
            by_hand = needed - made["Secret"] - MADE_BY_OPERATORS
            self.assertLessEqual(by_hand, {"identity-backup", "identity-mail", "login-frontend"})
        self.each(check)

    def test_the_operators_make_the_secrets_that_the_pods_mount(self):
        (certificate,) = of_kind(rendered["production"], "Certificate")
        self.assertEqual(certificate["spec"]["secretName"], "identity-tls")
        names = set(certificate["spec"]["dnsNames"])
        for service in ("identity", "identity-replicas"):
            self.assertLessEqual({f"{service}.identity.svc", f"{service}.identity.svc.cluster.local"}, names)
        volumes = named(rendered["production"], "Deployment", "identity")["spec"]["template"]["spec"]["volumes"]
        (authority,) = [one["secret"] for one in volumes if one["name"] == "database-ca"]
        self.assertEqual([item["key"] for item in authority["items"]], ["ca.crt"], "never the CA's private key")

    def test_secrets_have_no_newline_at_their_end(self):
        for name in ("identity-owner", "identity-server"):
            password = base64.b64decode(named(rendered["dev"], "Secret", name)["data"]["password"]).decode()
            self.assertRegex(password, r"^[0-9a-f]{48}\Z")

    def test_git_has_no_secret(self):
        files = manifests.output(["git", "-C", str(manifests.ROOT), "ls-files", "k8s"]).split()
        self.assertGreater(len(files), 20)
        for file in files:
            self.assertNotRegex((manifests.ROOT / file).read_text(encoding="utf-8"), r"(?m)^kind: Secret$", file)
        ignored = subprocess.run(["git", "-C", str(manifests.ROOT), "check-ignore", "--quiet",
                                  "k8s/components/secret-files/files/master-keys"], check=False)
        self.assertEqual(ignored.returncode, 0)


class ChangeTest(unittest.TestCase):

    def setUp(self):
        self.copy = manifests.Copy()
        self.addCleanup(self.copy.close)
        self.before = self.copy.render("production")

    def assert_changes_only_the_deployment(self):
        after = self.copy.render("production")
        for kind, name, changes in (("Deployment", "identity", True), ("Job", "identity-migration", False)):
            self.assertEqual(named(self.before, kind, name) != named(after, kind, name), changes, kind)

    def test_another_option_replaces_the_pods_and_not_the_migration(self):
        with (self.copy.overlay("production") / "identity.env").open("a", encoding="utf-8") as options:
            options.write("IDENTITY_LOG_LEVEL=debug\n")
        self.assert_changes_only_the_deployment()

    def test_another_master_key_replaces_the_pods_and_not_the_migration(self):
        self.copy.secret_file("master-keys").write_text("another\n", encoding="utf-8")
        self.assert_changes_only_the_deployment()

    def test_other_route_rules_replace_no_pod(self):
        self.copy.add_component("production", "routes")
        self.before = self.copy.render("production")
        rules = self.copy.component("routes") / "routes.yaml"
        rules.write_text("version: 1\nrules: []\n", encoding="utf-8")
        after = self.copy.render("production")
        changed = [one["metadata"]["name"] for one in after if one not in self.before]
        self.assertEqual(changed, ["identity-routes"])
        mounts = named(after, "Deployment", "identity")["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
        (mount,) = [one for one in mounts if one["name"] == "routes"]
        self.assertNotIn("subPath", mount, "a file that is mounted so never changes")

    def test_the_rewrap_runs_only_on_request_and_with_the_keys_of_the_servers(self):
        for keys in (None, "another\n"):
            if keys:
                self.copy.secret_file("master-keys").write_text(keys, encoding="utf-8")
            objects = self.copy.render("production")
            rewrap = named(objects, "CronJob", "identity-rewrap")
            self.assertIs(rewrap["spec"]["suspend"], True)
            secrets = [[volume["secret"] for volume in template_of(one)["spec"]["volumes"]]
                       for one in (rewrap, named(objects, "Deployment", "identity"))]
            for volume in secrets[0]:
                self.assertIn(volume, secrets[1])


if __name__ == "__main__":
    unittest.main()
