#!/usr/bin/python3
"""Kubernetes accepts the manifests of k8s/: their schemas in four versions, and a real API server with admission."""

import copy
import json
import unittest

import yaml

import kubernetes
import manifests
from manifests import named, of_kind, workloads


def setUpModule():
    global files, rendered
    kubernetes.require("go")
    files = manifests.Copy()
    for component in manifests.OPTIONAL_COMPONENTS:
        files.add_component("production", component)
    rendered = {overlay: files.render(overlay) for overlay in manifests.OVERLAYS}


def tearDownModule():
    files.close()


def examples(document):
    """The objects of Kubernetes in a document."""
    return [one for text in manifests.blocks("yaml", document=document) for one in yaml.safe_load_all(text)
            if "apiVersion" in one]


class SchemaTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        try:
            import jsonschema  # pylint: disable=unused-import,import-outside-toplevel
        except ImportError as error:
            raise unittest.SkipTest("python3-jsonschema is not installed") from error
        cls.schemas = {version: kubernetes.Schemas(version) for version in kubernetes.VERSIONS}

    def test_every_object_is_valid(self):
        places = {**rendered, "example": manifests.example(), "README": examples(manifests.README)}
        for name in ("proxies.md", "doors.md"):
            places[name] = examples(manifests.ROOT / "docs" / name)
        for version, schemas in self.schemas.items():
            for place, objects in places.items():
                self.assertGreater(len(objects), 0)
                for one in objects:
                    with self.subTest(version, place=place, kind=one["kind"], name=one["metadata"]["name"]):
                        self.assertEqual(schemas.faults(one), [])

    def test_the_readme_names_the_versions(self):
        first, last = (version.rpartition(".")[0][1:] for version in (kubernetes.VERSIONS[0], kubernetes.VERSIONS[-1]))
        self.assertIn(f"Kubernetes {first} to {last}", " ".join(manifests.README.read_text(encoding="utf-8").split()))

    def test_a_mistyped_field_is_a_fault(self):
        for version, schemas in self.schemas.items():
            for kind in ("Deployment", "Cluster", "Certificate", "ObjectStore", "NetworkPolicy"):
                broken = copy.deepcopy(of_kind(rendered["production"], kind)[0])
                broken["spec"]["replicaz"] = 3
                with self.subTest(version, kind=kind):
                    self.assertEqual(len(schemas.faults(broken)), 1)
            for one in examples(manifests.ROOT / "docs" / "proxies.md"):
                with self.subTest(version, kind=one["kind"]):
                    self.assertEqual(len(schemas.faults({**one, "spec": {**one["spec"], "replicaz": 3}})), 1)
            broken = copy.deepcopy(named(rendered["production"], "Deployment", "identity"))
            broken["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"] = "50051"
            self.assertEqual(len(schemas.faults(broken)), 1)


class ApiServerTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.server = kubernetes.ApiServer()
        cls.addClassCleanup(cls.server.close)
        spaces = {one["metadata"]["namespace"] for text in manifests.blocks("yaml") for one in yaml.safe_load_all(text)
                  if "namespace" in one["metadata"]}
        for space in sorted(spaces - {"identity"}):
            cls.server.kubectl("create", "namespace", space)
        for name in ("access-key-id", "access-secret-key", "frontend-api-key"):
            (files.folder / name).write_text("test", encoding="utf-8")
        # All commands of the README, and then of the runbook, that need no nodes, in their order.
        cls.commands = [(block, cls.server.run("bash", "-euo", "pipefail", "-c", block, folder=files.folder))
                        for document in (manifests.README, manifests.RUNBOOK)
                        for block in manifests.blocks("bash", document=document)]
        cls.server.kubectl("create", "namespace", "unrestricted")
        for space in ("identity", "identity-dev", "unrestricted", "shop"):
            # A controller makes these in a real cluster.
            cls.server.kubectl("--namespace", space, "create", "serviceaccount", "default")

    def create_pod(self, space, spec, labels=None):
        """Whether admission would let this pod in: the finished kubectl. Nothing is made."""
        pod = {"apiVersion": "v1", "kind": "Pod", "spec": spec,
               "metadata": {"name": "test", "namespace": space, "labels": labels or {}}}
        return self.server.run("kubectl", "create", "--dry-run=server", "--filename=-", text=json.dumps(pod))

    def test_the_commands_of_the_documents_work_without_a_warning(self):
        self.assertGreaterEqual(len(self.commands), 8)
        for block, done in self.commands:
            with self.subTest(block):
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_the_examples_of_the_readme_are_accepted(self):
        for text in manifests.blocks("yaml"):
            with self.subTest(text):
                done = self.server.run("kubectl", "apply", "--server-side", "--dry-run=server", "--filename=-",
                                       text=text)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_overlay_is_accepted_again(self):
        for overlay in manifests.OVERLAYS:
            with self.subTest(overlay):
                done = self.server.kubectl("apply", "--server-side", "--dry-run=server", "--kustomize",
                                           str(files.overlay(overlay)))
                self.assertEqual(done.stderr, "")
                self.assertEqual(len(done.stdout.splitlines()), len(rendered[overlay]))

    def test_admission_lets_in_our_pods(self):
        tried = 0
        for objects in (*rendered.values(), manifests.example()):
            for owner, template in workloads(objects):
                claims = [{"name": claim["metadata"]["name"], "persistentVolumeClaim": {"claimName": "data"}}
                          for claim in owner["spec"].get("volumeClaimTemplates", [])]
                spec = {**template["spec"], "volumes": template["spec"].get("volumes", []) + claims}
                with self.subTest(owner["metadata"]["name"], namespace=owner["metadata"]["namespace"]):
                    done = self.create_pod(owner["metadata"]["namespace"], spec, template["metadata"]["labels"])
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    tried += 1
        self.assertEqual(tried, 9)

    def test_admission_refuses_other_pods(self):
        pod = {**named(rendered["dev"], "Deployment", "identity")["spec"]["template"]["spec"],
               "serviceAccountName": "default"}
        for space in ("identity", "identity-dev", "unrestricted"):
            for field, value in (("privileged", True), ("capabilities", {"add": ["NET_ADMIN"]}),
                                 ("allowPrivilegeEscalation", True), ("runAsUser", 0)):
                spec = copy.deepcopy(pod)
                spec["containers"][0]["securityContext"][field] = value
                if field == "privileged":
                    del spec["containers"][0]["securityContext"]["allowPrivilegeEscalation"]
                with self.subTest(space, field=field):
                    done = self.create_pod(space, spec)
                    if space == "unrestricted":
                        self.assertEqual((done.returncode, done.stderr), (0, ""))
                    else:
                        self.assertEqual(done.returncode, 1)
                        self.assertIn('violates PodSecurity "restricted', done.stderr)

    def test_the_api_server_refuses_a_mistyped_field(self):
        broken = copy.deepcopy(named(rendered["production"], "Cluster", "identity-database"))
        broken["spec"]["instancez"] = 3
        done = self.server.run("kubectl", "apply", "--server-side", "--dry-run=server", "--filename=-",
                               text=json.dumps(broken))
        self.assertEqual(done.returncode, 1)
        self.assertIn("instancez", done.stderr)

    def test_a_new_version_needs_a_new_job_and_the_readme_says_how(self):
        text = (files.overlay("production") / "kustomization.yaml").read_text(encoding="utf-8")
        (files.overlay("production") / "kustomization.yaml").write_text(text.replace("sha256:0", "sha256:1"),
                                                                        encoding="utf-8")
        done = self.server.run("kubectl", "apply", "--server-side", "--kustomize", str(files.overlay("production")))
        self.assertEqual(done.returncode, 1)
        self.assertIn("field is immutable", done.stderr)
        (block,) = [one for one in manifests.blocks("bash") if "delete job identity-migration" in one]
        done = self.server.run("bash", "-euo", "pipefail", "-c", block, folder=files.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        image = self.server.kubectl("--namespace=identity", "get", "job/identity-migration", "--output",
                                    "jsonpath={.spec.template.spec.containers[0].image}").stdout
        self.assertIn("sha256:1", image)


if __name__ == "__main__":
    unittest.main()
