"""Renders the overlays of k8s/ and reads k8s/README.md and docs/runbook.md."""

import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "support" / "python"))
README = ROOT / "k8s" / "README.md"
RUNBOOK = ROOT / "docs" / "runbook.md"
EXAMPLE = ROOT / "k8s" / "examples" / "backend.yaml"
OVERLAYS = ("dev", "production")
# Those that no overlay has.
OPTIONAL_COMPONENTS = ("mail", "traces", "http-doors", "routes", "identity-providers", "workload-identity",
                       "login-frontend")
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "identity-kubernetes"
# The oldest version that renders the manifests. Go 1.19, which Debian 12 has, can build it.
KUSTOMIZE = "v5.0.3"

BLOCK = re.compile(r"^ *```(bash|yaml)(?: (local|nodes))?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def blocks(language, place=None, document=README):
    """The code blocks of a document, without their indentation. `place` is None, "local" or "nodes"."""
    texts = (text for found, where, text in BLOCK.findall(document.read_text(encoding="utf-8"))
             if (found, where or None) == (language, place))
    return [re.sub(r"^ {3}", "", text, flags=re.MULTILINE) if text.startswith("   ") else text for text in texts]


def output(command, **options):
    """What a command prints on standard output. Its errors are in the exception."""
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _is_new_enough(version):
    found, needed = ([int(part) for part in re.findall(r"\d+", text)[:3]] for text in (version, KUSTOMIZE))
    return found >= needed


@functools.cache
def kustomize():
    """A command that renders a folder: kubectl, or kustomize built from its Go module. None without both."""
    if shutil.which("kubectl"):
        version = json.loads(output(["kubectl", "version", "--client", "--output=json"])).get("kustomizeVersion", "v0")
        if _is_new_enough(version):
            return ("kubectl", "kustomize")
    program = CACHE / f"kustomize-{KUSTOMIZE}"
    if not program.exists():
        if not shutil.which("go"):
            return None
        with tempfile.TemporaryDirectory() as directory:
            output(["go", "install", f"sigs.k8s.io/kustomize/kustomize/v5@{KUSTOMIZE}"],
                   env={**os.environ, "GOBIN": directory, "CGO_ENABLED": "0", "GOFLAGS": ""})
            CACHE.mkdir(parents=True, exist_ok=True)
            shutil.move(pathlib.Path(directory, "kustomize"), program)
    return (str(program), "build")


class Copy:
    """A copy of k8s/ with secrets, made by the README's commands. `folder` stands for the root of the clone."""

    def __init__(self):
        if kustomize() is None:
            raise unittest.SkipTest("needs kubectl 1.28 or later, or Go to build kustomize")
        self._directory = tempfile.TemporaryDirectory(prefix="identity-k8s.")
        self.folder = pathlib.Path(self._directory.name)
        shutil.copytree(ROOT / "k8s", self.folder / "k8s", ignore=shutil.ignore_patterns("files"))
        for commands in blocks("bash", "local"):
            output(["bash", "-euo", "pipefail", "-c", commands], cwd=self.folder)

    def overlay(self, name):
        return self.folder / "k8s" / "overlays" / name

    def component(self, name):
        return self.folder / "k8s" / "components" / name

    def secret_file(self, name):
        return self.component("secret-files") / "files" / name

    def add_component(self, overlay, component):
        """As an operator who edits the kustomization."""
        file = self.overlay(overlay) / "kustomization.yaml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("components:\n", f"components:\n  - ../../components/{component}\n", 1),
                        encoding="utf-8")

    def render(self, overlay):
        """The objects of an overlay."""
        return list(yaml.safe_load_all(output([*kustomize(), str(self.overlay(overlay))])))

    def close(self):
        self._directory.cleanup()


def example():
    """The objects of the example of a backend."""
    return list(yaml.safe_load_all(EXAMPLE.read_text(encoding="utf-8")))


def of_kind(objects, *kinds):
    return [one for one in objects if one["kind"] in kinds]


def named(objects, kind, name):
    """The object with this kind and name."""
    (found,) = [one for one in of_kind(objects, kind) if one["metadata"]["name"] == name]
    return found


def template_of(workload):
    """The template of the pods that an object makes."""
    spec = workload["spec"]
    return (spec["jobTemplate"]["spec"] if workload["kind"] == "CronJob" else spec)["template"]


def workloads(objects):
    """Pairs: an object that makes pods, and its pods' template."""
    return [(one, template_of(one)) for one in of_kind(objects, "Deployment", "StatefulSet", "Job", "CronJob")]
