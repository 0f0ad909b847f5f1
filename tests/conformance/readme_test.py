"""Protects an endpoint with the lines of a client's README, from an empty directory, and calls it.

    readme_test.py --binary IDENTITYD [--cpp-prefix PREFIX] [--maven-repository DIR] LANGUAGE…

LANGUAGE is the name of a client's folder: cpp, go, java, python or typescript. The test installs the client from a copy
of the clone. It takes the first block of code below "Protect an endpoint", and puts it into the program of
readme/LANGUAGE in the place of the line with @LINES@. Then it starts that program, and calls it.

Prints a line for each check. Fails if a check fails.
"""

import argparse
import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import queue
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable

import conformance_test

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]

MOST_LINES = 5
BUILD_SECONDS = 1800
START_SECONDS = 60
ANSWER_SECONDS = 60

# What a build leaves in the folder of a client. The copy of the clone has none of it.
BUILT = ("node_modules", "dist", "target", "build", "*.tgz", "*.egg-info", "__pycache__")

# `reader` and `writer` hold one permission each, on what the organization acme has.
WORLD = {
    "roles": {"may_read": {"permissions": ["posts:read"]}, "may_write": {"permissions": ["posts:update"]}},
    "principals": {
        "reader": {"type": "user", "bindings": [{"role": "may_read", "resource": "orgs/acme"}]},
        "writer": {"type": "user", "bindings": [{"role": "may_write", "resource": "orgs/acme"}]},
    },
    "credentials": {
        "reader_token": {"kind": "access_token", "of": "reader"},
        "writer_token": {"kind": "access_token", "of": "writer"},
    },
}


class Failure(Exception):
    """Why the test of a language cannot continue."""


class Site:
    """Where a program is made. `app` is empty at first. `clone` has a copy of the client's folder."""

    def __init__(self, language, folder, options):
        self.options = options
        self.app, self.clone = folder / "app", folder / "clone"
        self.client = self.clone / "client" / language
        self._language = language
        self.app.mkdir()
        self.copy(f"client/{language}")

    def copy(self, folder):
        """Copies a folder of the real clone."""
        shutil.copytree(ROOT / folder, self.clone / folder, ignore=shutil.ignore_patterns(*BUILT))

    def block_below(self, heading):
        """The first block of code in this section of the README, as it stands there."""
        readme = self.client / "README.md"
        if not readme.exists():
            raise Failure(f"client/{self._language} has no README.md")
        section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", readme.read_text(encoding="utf-8"), re.M | re.S)
        block = section and re.search(r"^```[^\n]*\n(.*?)^```$", section[1], re.M | re.S)
        if not block:
            raise Failure(f'the README has no block of code below "{heading}"')
        return block[1]

    def add_program(self):
        """Copies the files of readme/LANGUAGE."""
        shutil.copytree(HERE / "readme" / self._language, self.app, dirs_exist_ok=True)

    def fill(self, file, marker, block):
        """Replaces the only line of a file that has the marker."""
        path = self.app / file
        around = re.split(rf"^.*{marker}.*\n", path.read_text(encoding="utf-8"), flags=re.M)
        if len(around) != 2:
            raise Failure(f"{file} has {len(around) - 1} lines with {marker}, and not one")
        path.write_text(block.join(around), encoding="utf-8")

    def run(self, *command, folder=None):
        """Runs a command to its end, in the folder of the program or in another."""
        try:
            done = subprocess.run(command, cwd=folder or self.app, check=False, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                                  timeout=BUILD_SECONDS)
        except FileNotFoundError:
            raise Failure(f"there is no program {command[0]}") from None
        except subprocess.TimeoutExpired:
            raise Failure(f"still runs after {BUILD_SECONDS} s: {shlex.join(map(str, command))}") from None
        if done.returncode != 0:
            raise Failure(f"failed: {shlex.join(map(str, command))}\n{done.stdout}")


def make_python(site, lines):
    """Debian's packages are the dependencies: pip gets nothing from elsewhere, and does not look at their versions."""
    site.run(sys.executable, "-m", "pip", "install", "--isolated", "--no-index", "--no-deps", "--no-build-isolation",
             "--target", site.app, f"{site.client}[fastapi]")
    site.add_program()
    site.fill("app.py", "@LINES@", lines)
    return [sys.executable, "app.py"]


def make_go(site, lines):
    """No proxy knows the module, so a `replace` names the clone."""
    site.run("go", "mod", "init", "readme.example")
    site.run("go", "mod", "edit", f"-replace=identity.example/go={site.client}")
    site.run("go", "get", "identity.example/go@v0.0.0")
    site.add_program()
    shutil.copytree(site.client / "internal" / "guestbookv1", site.app / "guestbookv1")  # the stubs of the service
    site.fill("main.go", "@LINES@", lines)
    site.run("go", "build", "-o", "app", ".")
    return ["./app"]


def make_typescript(site, lines):
    site.run("npm", "ci", folder=site.client)
    site.run("npm", "run", "build", folder=site.client)
    site.run("npm", "pack", folder=site.client)
    site.add_program()
    site.run("npm", "install", *site.client.glob("*.tgz"))
    site.fill("app.ts", "@LINES@", lines)
    site.run("npm", "run", "build")
    return ["node", "app.js"]


def make_java(site, lines):
    """The client goes into a local repository of its own. The rest of that is the user's."""
    repository = site.app.parent / "repository"
    repository.mkdir()
    with contextlib.suppress(FileNotFoundError):
        for entry in site.options.maven_repository.iterdir():
            if entry.name != "identity":
                (repository / entry.name).symlink_to(entry.resolve())
    maven = ["mvn", "--batch-mode", "--quiet", f"-Dmaven.repo.local={repository}"]
    site.run(*maven, "-Dmaven.test.skip", "install", folder=site.client)
    site.add_program()
    site.fill("pom.xml", "@DEPENDENCY@", site.block_below("Install"))
    site.fill("src/main/java/app/Application.java", "@LINES@", lines)
    site.run(*maven, "compile", "dependency:copy-dependencies", "-DincludeScope=runtime")
    return ["java", "-cp", "target/classes:target/dependency/*", "app.Application"]


def make_cpp(site, lines):
    prefix = site.options.cpp_prefix
    if prefix is None:
        prefix = site.app / "installed"
        site.copy("proto")
        build = site.client / "build"
        site.run("cmake", "-S", site.client, "-B", build)
        site.run("cmake", "--build", build, "--parallel", str(os.cpu_count()))
        site.run("cmake", "--install", build, "--prefix", prefix)
    site.add_program()
    shutil.copy(HERE / "guestbook.proto", site.app)
    site.fill("main.cc", "@LINES@", lines)
    site.run("cmake", "-B", "build", f"-DCMAKE_PREFIX_PATH={prefix.resolve()}")
    site.run("cmake", "--build", "build")
    return ["build/app"]


class Program:
    """A running program with an endpoint. It prints `port N` when callers can connect."""

    def __init__(self, command, folder, variables):
        self._process = subprocess.Popen(command, cwd=folder, env={**os.environ, **variables}, stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        self._output = []
        self._ports = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self._output.append(line)
            if port := re.fullmatch(r"port (\d+)\n", line):
                self._ports.put(int(port[1]))
        self._ports.put(None)

    def port(self):
        try:
            port = self._ports.get(timeout=START_SECONDS)
        except queue.Empty:
            raise Failure(f"the program prints no port:\n{self.output()}") from None
        if port is None:
            raise Failure(f"the program has ended:\n{self.output()}")
        return port

    def output(self):
        return "".join(self._output)

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()


class Http:
    """Calls an endpoint over HTTP. The text of an answer: its status, and the reason or what the handler has said."""

    ALLOWED, UNAUTHENTICATED, DENIED = "200", "401", "403"
    without_rule = "403 METHOD_WITHOUT_RULE"

    def __init__(self, method):
        self._method = method

    def call(self, port, org, token):
        return self._answer(port, self._method, f"/orgs/{org}/posts/p1", token)

    def call_without_rule(self, port, token):
        return self._answer(port, "GET", "/forgotten", token)

    @staticmethod
    def _answer(port, method, path, token):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)) as connection:
            try:
                connection.request(method, path, headers=headers)
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException) as error:
                return f"no answer ({error!r})"
        if "json" not in answer.getheader("Content-Type", ""):
            return str(answer.status)
        members = json.loads(body)
        return f"{answer.status} {members.get('reason') or ' '.join(map(str, members.values()))}"


class Grpc:
    """Calls the guestbook. The text of an answer: its code, and the reason or the caller's name."""

    ALLOWED, UNAUTHENTICATED, DENIED = "OK", "UNAUTHENTICATED", "PERMISSION_DENIED"
    without_rule = "PERMISSION_DENIED METHOD_WITHOUT_RULE"

    def call(self, port, org, token):
        return self._answer(port, "Read", org, token)

    def call_without_rule(self, port, token):
        return self._answer(port, "Ping", "acme", token)

    @staticmethod
    def _answer(port, method, org, token):
        # These need the stubs, which exist only now.
        import grpc
        import guestbook_pb2
        import guestbook_pb2_grpc
        import client as interop
        request = guestbook_pb2.PostRequest(org=org, post={"id": "p1"})
        metadata = [("authorization", f"Bearer {token}")] if token else []
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = guestbook_pb2_grpc.GuestbookStub(channel)
            try:
                seen = getattr(stub, method)(request, metadata=metadata, timeout=ANSWER_SECONDS)
            except grpc.RpcError as error:
                return f"{error.code().name} {interop.reason_of(error)}"
        return f"OK {seen.username}"


@dataclasses.dataclass
class Language:
    """`make` installs the client, makes the program, and returns its command. `allowed` is who may call the endpoint by
    the lines of the README, and `denied` who may not."""

    make: Callable
    endpoint: Http | Grpc
    allowed: str = "reader"
    denied: str = "writer"


LANGUAGES = {
    "cpp": Language(make_cpp, Grpc()),
    "go": Language(make_go, Grpc()),
    "java": Language(make_java, Http("GET")),
    "python": Language(make_python, Http("PUT"), allowed="writer", denied="reader"),
    "typescript": Language(make_typescript, Http("GET")),
}


class LanguageTest:
    """The test of one language."""

    def __init__(self, name, options, variables, tokens):
        self._name = name
        self._language = LANGUAGES[name]
        self._options = options
        self._variables = variables
        self._tokens = tokens
        self._failures = 0

    def succeeds(self):
        """Runs it, and prints a line for each check."""
        with tempfile.TemporaryDirectory(prefix="identity-readme.") as folder:
            try:
                self._run(Site(self._name, pathlib.Path(folder), self._options))
            except Failure as failure:
                self._print("FAILED", str(failure))
                self._failures += 1
        return self._failures == 0

    def _run(self, site):
        lines = site.block_below("Protect an endpoint")
        count = len(lines.splitlines())
        self._check("lines of code", f"{count}", count <= MOST_LINES, f"at most {MOST_LINES}")
        command = self._language.make(site, lines)
        self._print("ok", "the client is installed, and the program made")
        program = Program(command, site.app, self._variables)
        try:
            self._call(program.port())
            if self._failures:
                print(f"the program's output:\n{program.output()}", flush=True)
        finally:
            program.stop()

    def _call(self, port):
        endpoint, allowed = self._language.endpoint, self._language.allowed
        token, other_token = self._tokens[allowed], self._tokens[self._language.denied]
        self._compare("without a credential", endpoint.call(port, "acme", None),
                      f"{endpoint.UNAUTHENTICATED} CREDENTIAL_REQUIRED")
        self._compare("with a credential that is none", endpoint.call(port, "acme", "nonsense"),
                      f"{endpoint.UNAUTHENTICATED} CREDENTIAL_INVALID")
        self._compare("with another permission", endpoint.call(port, "acme", other_token),
                      f"{endpoint.DENIED} NO_BINDING")
        self._compare("with the permission on another resource", endpoint.call(port, "other", token),
                      f"{endpoint.DENIED} NO_BINDING")
        self._compare("with the permission", endpoint.call(port, "acme", token), f"{endpoint.ALLOWED} {allowed}")
        self._compare("an endpoint without a rule", endpoint.call_without_rule(port, token), endpoint.without_rule)

    def _compare(self, what, answer, expected):
        self._check(what, answer, answer == expected, expected)

    def _check(self, what, found, is_right, expected):
        if is_right:
            self._print("ok", f"{what}: {found}")
        else:
            self._print("FAILED", f"{what}: {found}, and not {expected}")
            self._failures += 1

    def _print(self, verdict, text):
        print(f"{verdict:6} {self._name}: {text}", flush=True)


def run_tests(names, options):
    """Starts a server, and runs the tests of these languages. Whether all succeed."""
    # These need the stubs, which exist only now.
    import client as interop
    import deployment
    import world
    with contextlib.ExitStack() as stack:
        stack.enter_context(deployment.deploy(options.binary.resolve(), replicas=1))
        here = deployment.current()
        entry = stack.enter_context(contextlib.closing(interop.Client()))
        tokens = entry.log_in(here.admin_login, here.admin_password)
        admin = stack.enter_context(contextlib.closing(interop.Client(access_token=tokens.access_token)))
        names_of_world = world.World(WORLD, admin).names
        tokens = {name: names_of_world[f"{name}_token"] for name in WORLD["principals"]}
        variables = {name: here.environment[name] for name in ("IDENTITY_ADDRESS", "IDENTITY_SERVICE_KEY")}
        return all([LanguageTest(name, options, variables, tokens).succeeds() for name in names])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--cpp-prefix", type=pathlib.Path,
                        help="where the C++ client is installed; without it, the test builds and installs it")
    parser.add_argument("--maven-repository", type=pathlib.Path, default=pathlib.Path.home() / ".m2" / "repository",
                        help="the local repository that has what the Java client needs")
    parser.add_argument("languages", nargs="+", metavar="LANGUAGE", choices=sorted(LANGUAGES))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="identity-readme.") as stubs:
        conformance_test.make_stubs(pathlib.Path(stubs))
        sys.exit(not run_tests(options.languages, options))


if __name__ == "__main__":
    main()
