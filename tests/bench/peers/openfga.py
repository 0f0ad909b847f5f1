"""OpenFGA, whose tuples say which role a user has in an organisation, and what projects and documents belong to."""

import contextlib
import json
import urllib.request

import batches
import identity
import messages
import model
from deployment import Failure
from peer import BEST, SHIPPED, Asked, Comparison, Peer, accepts_grpc, go_install, running
from ports import free_port

METHOD = "/openfga.v1.OpenFGAService/Check"
ALLOWED = "\x08\x01"  # the first field of a CheckResponse, `allowed`
METHOD_OF_BATCHES = "/openfga.v1.OpenFGAService/BatchCheck"
# A result of a BatchCheckResponse, with the same field. A question that fails has another field.
ALLOWED_IN_BATCH, DENIED_IN_BATCH = "\x12\x02\x08\x01", "\x12\x02\x08\x00"
TUPLES_A_CALL = 100


def relation(role, action):
    return f"r{role}_{action}"


def type_definition(name, relations, users):
    """`users` has the types of the direct relations."""
    return {"type": name, "relations": relations, "metadata": {"relations": {
        key: {"directly_related_user_types": [{"type": user}]} for key, user in users.items()}}}


def inherited(name, parent_type):
    """A type whose permissions are those of its parent."""
    permissions = {relation(role, action): {"tupleToUserset": {
        "tupleset": {"relation": "parent"}, "computedUserset": {"relation": relation(role, action)}}}
                   for role in model.ROLES for action in model.ACTIONS}
    return type_definition(name, {"parent": {"this": {}}, **permissions}, {"parent": parent_type})


def authorization_model():
    roles = {f"role{role}": {"this": {}} for role in model.ROLES}
    permissions = {relation(role, action): {"computedUserset": {"relation": f"role{role}"}}
                   for role in model.ROLES for action in model.ACTIONS}
    return {"schema_version": "1.1", "type_definitions": [
        {"type": "user"}, type_definition("org", {**roles, **permissions}, dict.fromkeys(roles, "user")),
        inherited("project", "org"), inherited("doc", "project")]}


def tuples():
    for user in model.USERS:
        yield f"user:user-{user}", f"role{model.role_of(user)}", f"org:o{user}"
        yield f"org:o{user}", "parent", f"project:o{user}/p0"
        yield f"project:o{user}/p0", "parent", f"doc:o{user}/p0/d1"


class OpenFga(Peer):
    name = "OpenFGA"
    settings = {
        SHIPPED: "`openfga run`, in memory",
        BEST: "also `--check-query-cache-enabled`, `--check-iterator-cache-enabled`, `--metrics-enabled=false`, "
              "`--experimentals=weighted_graph_check`, `--playground-enabled=false` and `--log-level=error`; the "
              "questions name the authorization model",
    }

    def _program(self):
        """Builds it unless it is built."""
        return go_install(self.folder, "github.com/openfga/openfga", "cmd/openfga", self.version)

    def get(self):
        self._program()

    @contextlib.contextmanager
    def serving(self, context, setting):
        address, http = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        command = [self._program(), "run", f"--grpc-addr={address}", f"--http-addr={http}"]
        if setting == BEST:
            command += ["--check-query-cache-enabled", "--check-iterator-cache-enabled", "--metrics-enabled=false",
                        "--experimentals=weighted_graph_check", "--playground-enabled=false", "--log-level=error"]
        else:
            command += [f"--metrics-addr=127.0.0.1:{free_port()}", f"--playground-addr=127.0.0.1:{free_port()}"]
        with running(context.bench, command, accepts_grpc(context.bench, address), self.name) as process:
            process.address = address
            process.store = post(http, "/stores", {"name": "bench"})["id"]
            process.model = post(http, f"/stores/{process.store}/authorization-models",
                                 authorization_model())["authorization_model_id"]
            every = list(tuples())
            for first in range(0, len(every), TUPLES_A_CALL):
                post(http, f"/stores/{process.store}/write", {"writes": {"tuple_keys": [
                    dict(zip(("user", "relation", "object"), each))
                    for each in every[first:first + TUPLES_A_CALL]]}})
            process.names_model = setting == BEST
            yield process

    def comparisons(self, context, ours, theirs):
        def asked(name, questions):
            path = messages.write(context.bench.file(f"openfga-{name}.requests"),
                                  [question(each, theirs) for each in questions])
            return Asked(["load", "--address", theirs.address, "--method", METHOD, "--expect", ALLOWED], path)

        yield Comparison(identity.DECISION, asked("allowed", model.allowed()), identity.by_id(context, ours),
                         asked("denied", model.denied()).requests, identity.denied(context))
        yield batches.comparison(
            context.bench, model.of_many_users(),
            batches.Side(self.name, theirs.address, METHOD_OF_BATCHES, lambda questions: batch(questions, theirs),
                         ALLOWED_IN_BATCH, DENIED_IN_BATCH),
            identity.in_batches(context, ours))


def key(asked):
    """A CheckRequestTupleKey."""
    return messages.message((1, f"user:{asked.name}"), (2, relation(asked.role, "read")),
                            (3, f"doc:o{asked.org}/p0/d{asked.number}"))


def question(asked, server):
    """A CheckRequest."""
    named = [(4, server.model)] if server.names_model else []
    return messages.message((1, server.store), (2, key(asked)), *named)


def batch(questions, server):
    """A BatchCheckRequest. Each question has a number, because the answers have no order."""
    items = [(2, messages.message((1, key(each)), (4, str(number)))) for number, each in enumerate(questions)]
    named = [(3, server.model)] if server.names_model else []
    return messages.message((1, server.store), *items, *named)


def post(address, path, body):
    request = urllib.request.Request(f"http://{address}{path}", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Failure(f"OpenFGA refuses {path}: {error.read().decode(errors='replace')[:300]}") from None
