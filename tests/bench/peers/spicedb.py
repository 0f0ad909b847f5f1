"""SpiceDB, whose relationships say which role a user has in an organisation, and what projects and documents belong
to."""

import contextlib
import json

import identity
import messages
import model
from peer import BEST, SHIPPED, Asked, Comparison, Peer, accepts_grpc, go_install, running
from ports import free_port

METHOD = "/authzed.api.v1.PermissionsService/CheckPermission"
ALLOWED = "\x10\x02"  # `permissionship` is PERMISSIONSHIP_HAS_PERMISSION. The texts before it have no such characters.
KEY = "key-of-the-benchmark"


def definition(name, relations, permission):
    """`permission` makes the expression of a role."""
    lines = [*relations, *(f"permission r{role}_{action} = {permission(role, action)}"
                           for role in model.ROLES for action in model.ACTIONS)]
    return f"definition {name} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def schema():
    def inherited(role, action):
        return f"parent->r{role}_{action}"

    return ("definition user {}\n"
            + definition("org", [f"relation role{role}: user" for role in model.ROLES], lambda role, _: f"role{role}")
            + definition("project", ["relation parent: org"], inherited)
            + definition("doc", ["relation parent: project"], inherited))


def relationships():
    return "\n".join(f"org:o{user}#role{model.role_of(user)}@user:user-{user}\n"
                     f"project:o{user}/p0#parent@org:o{user}\n"
                     f"doc:o{user}/p0/d1#parent@project:o{user}/p0" for user in model.USERS)


class SpiceDb(Peer):
    name = "SpiceDB"
    settings = {
        SHIPPED: "`spicedb serve`, in memory; its caches of dispatches and of the schema are on by default",
        BEST: "also `--enable-experimental-watchable-schema-cache`, `--datastore-revision-quantization-interval=30s`, "
              "`--metrics-enabled=false`, `--dispatch-cache-metrics=false`, `--ns-cache-metrics=false`, "
              "`--log-level=error`, and `minimize_latency` in each question",
    }

    def _program(self):
        """Builds it unless it is built."""
        return go_install(self.folder, "github.com/authzed/spicedb", "cmd/spicedb", self.version)

    def get(self):
        self._program()

    @contextlib.contextmanager
    def serving(self, context, setting):
        bench = context.bench
        data = bench.file("spicedb.json")  # JSON is YAML, too
        data.write_text(json.dumps({"schema": schema(), "relationships": relationships()}), encoding="utf-8")
        address = f"127.0.0.1:{free_port()}"
        command = [self._program(), "serve", f"--grpc-addr={address}", f"--grpc-preshared-key={KEY}",
                   f"--datastore-bootstrap-files={data}", "--telemetry-endpoint=", "--skip-release-check"]
        if setting == BEST:
            command += ["--enable-experimental-watchable-schema-cache",
                        "--datastore-revision-quantization-interval=30s", "--metrics-enabled=false",
                        "--dispatch-cache-metrics=false", "--ns-cache-metrics=false", "--log-level=error"]
        else:
            command.append(f"--metrics-addr=127.0.0.1:{free_port()}")
        with running(bench, command, accepts_grpc(bench, address), self.name) as process:
            process.address = address
            process.minimizes_latency = setting == BEST
            yield process

    def comparisons(self, context, ours, theirs):
        bearer = context.bench.file("spicedb-bearer")
        bearer.write_text(f"Bearer {KEY}\n", encoding="utf-8")

        def asked(name, questions):
            path = messages.write(context.bench.file(f"spicedb-{name}.requests"),
                                  [question(each, theirs.minimizes_latency) for each in questions])
            return Asked(["load", "--address", theirs.address, "--method", METHOD, "--expect", ALLOWED,
                          "--authorization-file", bearer], path)

        yield Comparison(identity.DECISION, asked("allowed", model.allowed()), identity.by_id(context, ours),
                         asked("denied", model.denied()).requests, identity.denied(context))


def question(asked, minimizes_latency):
    """A CheckPermissionRequest."""
    consistency = [(1, messages.message((1, True)))] if minimizes_latency else []
    subject = messages.message((1, messages.message((1, "user"), (2, asked.name))))
    return messages.message(*consistency, (2, messages.message((1, "doc"), (2, f"o{asked.org}/p0/d1"))),
                            (3, f"r{asked.role}_read"), (4, subject))
