#!/usr/bin/python3
"""The image of scripts/image: what is in it, and that it serves with the rights that the manifests give its pods.

It tests the image of the last commit. Podman runs it with runc.
"""

import json
import pathlib
import shlex
import stat
import subprocess
import tempfile
import unittest

import manifests
import server_test
from manifests import named, output

MAX_BYTES = 80 << 20
MEMORY = "256m"  # less than the manifests allow
USER = 65532


def image_name():
    """The name that scripts/image gives the image of the last commit."""
    commit = output(["git", "rev-parse", "--short=12", "HEAD"], cwd=manifests.ROOT).strip()
    return f"localhost/identityd:{commit}"


def setUpModule():
    global image, config
    image = image_name()
    if subprocess.run(["podman", "image", "exists", image], check=False).returncode != 0:
        raise unittest.SkipTest(f"there is no {image}: run scripts/image first")
    (config,) = json.loads(output(["podman", "image", "inspect", image]))


class ContentTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(output(["podman", "image", "mount", image]).strip())
        cls.addClassCleanup(output, ["podman", "image", "unmount", image])
        cls.files = [file for file in cls.root.rglob("*") if file.is_file() and not file.is_symlink()]

    def test_it_is_small(self):
        self.assertLess(config["Size"], MAX_BYTES)

    def test_it_has_one_program(self):
        programs = [file for file in self.files if file.stat().st_mode & 0o111 and ".so" not in file.name]
        self.assertEqual([str(file.relative_to(self.root)) for file in programs], ["usr/bin/identityd"])

    def test_only_root_may_change_it_and_nobody_gains_rights(self):
        for file in self.files:
            mode = file.stat()
            self.assertEqual((mode.st_uid, mode.st_gid), (0, 0), file)
            self.assertFalse(mode.st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWGRP | stat.S_IWOTH), file)

    def test_it_runs_as_another_user_than_root(self):
        self.assertEqual(config["Config"]["User"], f"{USER}:{USER}")
        self.assertEqual(config["Config"]["Entrypoint"], ["/usr/bin/identityd"])

    def test_openssl_finds_the_roots(self):
        environment = dict(one.split("=", 1) for one in config["Config"]["Env"])
        roots = self.root / environment["SSL_CERT_FILE"].lstrip("/")
        self.assertIn("BEGIN CERTIFICATE", roots.read_text(encoding="utf-8"))

    def test_curl_finds_the_roots_by_their_names(self):
        folder = self.root / "etc/ssl/certs"
        roots = folder / "ca-certificates.crt"  # openssl takes the first of them
        output(["openssl", "verify", "-no-CAfile", "-no-CAstore", "-CApath", str(folder), str(roots)])

    def test_the_list_of_packages_is_valid_and_not_empty(self):
        text = (self.root / "usr/share/identity/sbom.spdx.json").read_text(encoding="utf-8")
        document = json.loads(text)
        self.assertEqual(document["spdxVersion"], "SPDX-2.3")
        names = {package["name"] for package in document["packages"]}
        self.assertLessEqual({"libc6", "libpq5", "ca-certificates"}, names)
        described = {one["relatedSpdxElement"] for one in document["relationships"]}
        self.assertEqual(described, {package["SPDXID"] for package in document["packages"]})
        for package in document["packages"]:
            self.assertTrue(package["versionInfo"], package)


class PodsOfTheImageTest(server_test.PodsTest):
    """The tests of the pods' environment, in containers with the security context of the Deployment."""

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
        own, shared = container["securityContext"], pod["securityContext"]
        self.assertEqual((shared["runAsUser"], shared["runAsGroup"]), (USER, USER))
        command = ["podman", "--runtime=runc", "run", "--rm", "--interactive", "--network=host", "--pull=never",
                   "--memory", MEMORY, "--memory-swap", MEMORY, "--ulimit", "nofile=1024:1024",
                   "--ulimit", "nproc=1024:1024", "--user", f"{USER}:{USER}",
                   "--volume", f"{self.folder}:{self.folder}:ro"]
        if own["readOnlyRootFilesystem"]:
            command += ["--read-only", "--read-only-tmpfs=false"]
        if not own["allowPrivilegeEscalation"]:
            command.append("--security-opt=no-new-privileges")
        command += [f"--cap-drop={capability}" for capability in own["capabilities"]["drop"]]
        names = {one["name"] for one in container["env"]}
        for source in container["envFrom"]:
            names |= named(objects, "ConfigMap", source["configMapRef"]["name"])["data"].keys()
        # The components of a test may set more options.
        environment = [f"--env={name}" for name in sorted(names | {"PGHOSTADDR", "PGPORT", "IDENTITY_*"})]
        return f'{shlex.join([*command, *environment])} --pidfile="{self.folder}/$1.pid" {image}'

    def await_obstacles(self, admin, expected):
        super().await_obstacles(admin, expected)
        self.expect_few_rights()

    def expect_few_rights(self):
        """What the kernel knows of the running server."""
        pid = (self.folder / "serve.pid").read_text(encoding="utf-8").strip()
        status = dict(line.split(":\t", 1) for line in
                      pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines() if ":\t" in line)
        self.assertEqual(status["Name"], "identityd")
        self.assertEqual(set(status["Uid"].split()), {str(USER)})
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0, kind)
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(status["Seccomp"], "2", "a filter")
        mounts = pathlib.Path(f"/proc/{pid}/mounts").read_text(encoding="utf-8").splitlines()
        (root,) = [line for line in mounts if line.split()[1] == "/"]
        self.assertIn("ro", root.split()[3].split(","))


class ReproducibleTest(unittest.TestCase):

    def test_the_same_commit_gives_the_same_image(self):
        again = f"{image}-again"
        self.addCleanup(subprocess.run, ["podman", "image", "rm", "--force", again], capture_output=True, check=False)
        with tempfile.TemporaryDirectory() as directory:
            output(["git", "clone", "--quiet", str(manifests.ROOT), directory])
            output(["scripts/image", "--base", config["Labels"]["org.opencontainers.image.base.name"], "--tag", again],
                   cwd=directory)
        (second,) = json.loads(output(["podman", "image", "inspect", again]))
        self.assertEqual(second["RootFS"], config["RootFS"])
        self.assertEqual(second["Id"], config["Id"])


if __name__ == "__main__":
    unittest.main()
