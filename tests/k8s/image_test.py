#!/usr/bin/python3
"""The images of scripts/image: what is in them, and that they serve with the rights that the manifests give their pods.

It tests the images of the last commit. Podman runs them with runc.
"""

import contextlib
import functools
import http.client
import json
import os
import pathlib
import shlex
import stat
import subprocess
import tempfile
import time
import unittest

import manifests
import server_test
from manifests import named, output
from ports import free_port

MEMORY = "256m"  # no more than the manifests allow
USER = 65532


@functools.cache
def built(name, *options):
    """The image that scripts/image makes of the last commit with the options: its name, and what Podman knows of it."""
    commit = output(["git", "rev-parse", "--short=12", "HEAD"], cwd=manifests.ROOT).strip()
    image = f"localhost/{name}:{commit}"
    if subprocess.run(["podman", "image", "exists", image], check=False).returncode != 0:
        raise unittest.SkipTest(f"there is no {image}: run {shlex.join(['scripts/image', *options])} first")
    (config,) = json.loads(output(["podman", "image", "inspect", image]))
    return image, config


def server_image():
    return built("identityd")


def frontend_image():
    return built("login-frontend", "--frontend")


def podman_run(pod, *options):
    """A command that runs a container like that of the pod, up to the options and the image."""
    (container,) = pod["containers"]
    own, shared = container["securityContext"], pod["securityContext"]
    command = ["podman", "--runtime=runc", "run", "--rm", "--interactive", "--network=host", "--pull=never",
               "--memory", MEMORY, "--memory-swap", MEMORY, "--ulimit", "nofile=1024:1024",
               "--ulimit", "nproc=1024:1024", "--user", f"{shared['runAsUser']}:{shared['runAsGroup']}"]
    if own["readOnlyRootFilesystem"]:
        command += ["--read-only", "--read-only-tmpfs=false"]
    if not own["allowPrivilegeEscalation"]:
        command.append("--security-opt=no-new-privileges")
    command += [f"--cap-drop={capability}" for capability in own["capabilities"]["drop"]]
    return [*command, *options]


def expect_few_rights(test, pidfile, name):
    """What the kernel knows of the running program."""
    pid = pidfile.read_text(encoding="utf-8").strip()
    status = dict(line.split(":\t", 1) for line in
                  pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines() if ":\t" in line)
    test.assertEqual(status["Name"], name)
    test.assertEqual(set(status["Uid"].split()), {str(USER)})
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        test.assertEqual(int(status[kind], 16), 0, kind)
    test.assertEqual(status["NoNewPrivs"], "1")
    test.assertEqual(status["Seccomp"], "2", "a filter")
    mounts = pathlib.Path(f"/proc/{pid}/mounts").read_text(encoding="utf-8").splitlines()
    (root,) = [line for line in mounts if line.split()[1] == "/"]
    test.assertIn("ro", root.split()[3].split(","))


class Content:
    """What both images promise."""

    @classmethod
    def setUpClass(cls):
        cls.image, cls.config = cls.built()
        cls.root = pathlib.Path(output(["podman", "image", "mount", cls.image]).strip())
        cls.addClassCleanup(output, ["podman", "image", "unmount", cls.image])
        cls.files = [file for file in cls.root.rglob("*") if file.is_file() and not file.is_symlink()]

    def test_it_is_small(self):
        self.assertLess(self.config["Size"], self.max_bytes)

    def test_it_has_one_program(self):
        programs = [file for file in self.files if file.stat().st_mode & 0o111 and ".so" not in file.name]
        (program,) = programs
        self.assertEqual(program, (self.root / self.entrypoint[0].lstrip("/")).resolve())

    def test_only_root_may_change_it_and_nobody_gains_rights(self):
        for file in self.files:
            mode = file.stat()
            self.assertEqual((mode.st_uid, mode.st_gid), (0, 0), file)
            self.assertFalse(mode.st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWGRP | stat.S_IWOTH), file)

    def test_it_runs_as_another_user_than_root(self):
        self.assertEqual(self.config["Config"]["User"], f"{USER}:{USER}")
        self.assertEqual(self.config["Config"]["Entrypoint"], self.entrypoint)

    def test_openssl_finds_the_roots(self):
        environment = dict(one.split("=", 1) for one in self.config["Config"]["Env"])
        roots = self.root / environment["SSL_CERT_FILE"].lstrip("/")
        self.assertIn("BEGIN CERTIFICATE", roots.read_text(encoding="utf-8"))

    def test_the_list_of_packages_is_valid_and_not_empty(self):
        text = (self.root / "usr/share/identity/sbom.spdx.json").read_text(encoding="utf-8")
        document = json.loads(text)
        self.assertEqual(document["spdxVersion"], "SPDX-2.3")
        names = {package["name"] for package in document["packages"]}
        self.assertLessEqual({"libc6", "ca-certificates", *self.packages}, names)
        described = {one["relatedSpdxElement"] for one in document["relationships"]}
        self.assertEqual(described, {package["SPDXID"] for package in document["packages"]})
        for package in document["packages"]:
            self.assertTrue(package["versionInfo"], package)


class ServerContentTest(Content, unittest.TestCase):

    built = staticmethod(server_image)
    max_bytes = 80 << 20
    entrypoint = ["/usr/bin/identityd"]
    packages = {"libpq5"}

    def test_curl_finds_the_roots_by_their_names(self):
        folder = self.root / "etc/ssl/certs"
        roots = folder / "ca-certificates.crt"  # openssl takes the first of them
        output(["openssl", "verify", "-no-CAfile", "-no-CAstore", "-CApath", str(folder), str(roots)])


class FrontendContentTest(Content, unittest.TestCase):

    built = staticmethod(frontend_image)
    max_bytes = 160 << 20
    entrypoint = ["/usr/bin/python3", "-IB", "-m", "frontend"]
    packages = {"libssl3t64", "python3-fastapi", "python3-grpcio"}


class PodsOfTheImageTest(server_test.PodsTest):
    """The tests of the pods' environment, in containers with the security context of the Deployment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.image, _ = server_image()

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        server_test.binary = self.folder / "identityd"
        server_test.binary.write_text(f'#!/bin/bash\nexec {self.command()} "$@"\n', encoding="utf-8")
        server_test.binary.chmod(0o755)

    def command(self):
        objects = self.copy.render("dev")
        pod = named(objects, "Deployment", "identity")["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        names = {one["name"] for one in container["env"]}
        for source in container["envFrom"]:
            names |= named(objects, "ConfigMap", source["configMapRef"]["name"])["data"].keys()
        # The components of a test may set more options.
        environment = [f"--env={name}" for name in sorted(names | {"PGHOSTADDR", "PGPORT", "IDENTITY_*"})]
        command = podman_run(pod, "--volume", f"{self.folder}:{self.folder}:ro", *environment)
        return f'{shlex.join(command)} --pidfile="{self.folder}/$1.pid" {self.image}'

    def await_obstacles(self, admin, expected):
        super().await_obstacles(admin, expected)
        expect_few_rights(self, self.folder / "serve.pid", "identityd")


class FrontendPodTest(unittest.TestCase):
    """The login frontend with the files and the settings of its pod, in a container like that of the pod."""

    def setUp(self):
        self.image, _ = frontend_image()
        copy = manifests.Copy()
        self.addCleanup(copy.close)
        copy.add_component("production", "login-frontend")
        objects = copy.render("production")
        self.pod = named(objects, "Deployment", "login-frontend")["spec"]["template"]["spec"]
        (container,) = self.pod["containers"]
        self.probe = container["readinessProbe"]["httpGet"]
        self.settings = named(objects, "ConfigMap", container["envFrom"][0]["configMapRef"]["name"])["data"]
        directory = tempfile.TemporaryDirectory(prefix="identity-frontend.")
        self.addCleanup(directory.cleanup)
        self.folder = pathlib.Path(directory.name)
        self.folder.chmod(0o755)
        self.make_files(objects)

    def make_files(self, objects):
        (self.folder / "secrets").mkdir()
        (self.folder / "secrets" / "api-key").write_text("idk_test\n", encoding="utf-8")
        (self.folder / "secrets" / "cookie-keys").write_text(output(["openssl", "rand", "-base64", "32"]),
                                                             encoding="utf-8")
        self.authority = server_test.Authority(self.folder / "tls")
        self.authority.sign("tls", "-addext", "subjectAltName=DNS:localhost")
        (volume,) = [one["configMap"]["name"] for one in self.pod["volumes"] if "configMap" in one]
        (self.folder / "providers").mkdir()
        for name, text in named(objects, "ConfigMap", volume)["data"].items():
            (self.folder / "providers" / name).write_text(text, encoding="utf-8")

    @contextlib.contextmanager
    def serve(self):
        """Runs the frontend. Gives its port when it answers."""
        port = free_port()
        settings = {**self.settings, "IDENTITY_FRONTEND_LISTEN": f"127.0.0.1:{port}"}
        command = podman_run(self.pod, "--volume", f"{self.folder}:/etc/login-frontend:ro",
                             f"--pidfile={self.folder}/pid", *(f"--env={name}" for name in settings), self.image)
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 30
            while self.status(port, self.probe["path"]) is None:
                if time.monotonic() > deadline or process.poll() is not None:
                    self.fail((self.folder / "log").read_text(encoding="utf-8")[-2000:])
                time.sleep(0.02)
            yield port
        finally:
            process.terminate()
            process.wait()

    def status(self, port, path, host=None):
        """The status of the answer, as to a probe. None while nothing answers."""
        headers = {header["name"]: header["value"] for header in self.probe["httpHeaders"]}
        connection = http.client.HTTPSConnection("localhost", port, context=self.authority.client(), timeout=30)
        with contextlib.closing(connection):
            try:
                connection.request("GET", path, headers={"Host": host} if host else headers)
                return connection.getresponse().status
            except ConnectionError:
                return None

    def test_it_serves_with_few_rights(self):
        with self.serve() as port:
            expect_few_rights(self, self.folder / "pid", "python3")
            self.assertEqual(self.status(port, "/livez"), 200)
            self.assertEqual(self.status(port, "/login"), 200)
            self.assertEqual(self.status(port, "/static/style.css"), 200)
            self.assertEqual(self.status(port, "/login", "evil.example"), 400)


class ReproducibleTest(unittest.TestCase):

    def expect_the_same_again(self, image, config, *options):
        again = f"{image}-again"
        self.addCleanup(subprocess.run, ["podman", "image", "rm", "--force", again], capture_output=True, check=False)
        with tempfile.TemporaryDirectory() as directory:
            output(["git", "clone", "--quiet", str(manifests.ROOT), directory])
            output(["scripts/image", *options, "--base", config["Labels"]["org.opencontainers.image.base.name"],
                    "--tag", again], cwd=directory)
        (second,) = json.loads(output(["podman", "image", "inspect", again]))
        self.assertEqual(second["RootFS"], config["RootFS"])
        self.assertEqual(second["Id"], config["Id"])

    def test_the_same_commit_gives_the_same_server(self):
        self.expect_the_same_again(*server_image())

    def test_the_same_commit_gives_the_same_frontend(self):
        self.expect_the_same_again(*frontend_image(), "--frontend")


if __name__ == "__main__":
    unittest.main()
