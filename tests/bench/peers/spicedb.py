"""SpiceDB, whose relationships say which role a user has in an organisation, and what projects and documents belong
to."""

import contextlib
import json

import batches
import identity
import messages
import model
from peer import BEST, SHIPPED, Asked, Comparison, Peer, accepts_grpc, go_install, running
from ports import free_port

METHOD = "/authzed.api.v1.PermissionsService/CheckPermission"
ALLOWED = "\x10\x02"  # `permissionship` is PERMISSIONSHIP_HAS_PERMISSION. The texts before it have no such characters.
METHOD_OF_BATCHES = "/authzed.api.v1.PermissionsService/CheckBulkPermissions"
# The item of a pair in the answer, with the same field first. A question that fails has an error instead.
ALLOWED_IN_BATCH, DENIED_IN_BATCH = "\x12\x02\x08\x02", "\x12\x02\x08\x01"
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
    def lines():
        for user in model.USERS:
            yield f"org:o{user}#role{model.role_of(user)}@user:user-{user}"
            yield f"project:o{user}/p0#parent@org:o{user}"
            for number in range(1, 1 + (model.BATCH if user in model.LISTING_USERS else 1)):
                yield f"doc:o{user}/p0/d{number}#parent@project:o{user}/p0"

    return "\n".join(lines())


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
        side = batches.Side(
            self.name, theirs.address, METHOD_OF_BATCHES, lambda questions: batch(questions, theirs.minimizes_latency),
            ALLOWED_IN_BATCH, DENIED_IN_BATCH, bearer)
        for kind in (model.of_many_users(), model.of_one_user()):
            yield batches.comparison(context.bench, kind, side, identity.in_batches(context, ours))


def consistency(minimizes_latency):
    return [(1, messages.message((1, True)))] if minimizes_latency else []


def parts(asked):
    """The document, the permission and the user."""
    return (messages.message((1, "doc"), (2, f"o{asked.org}/p0/d{asked.number}")), f"r{asked.role}_read",
            messages.message((1, messages.message((1, "user"), (2, asked.name)))))


def question(asked, minimizes_latency):
    """A CheckPermissionRequest."""
    return messages.message(*consistency(minimizes_latency), *enumerate(parts(asked), start=2))


def batch(questions, minimizes_latency):
    """A CheckBulkPermissionsRequest."""
    return messages.message(*consistency(minimizes_latency),
                            *((2, messages.message(*enumerate(parts(each), start=1))) for each in questions))
