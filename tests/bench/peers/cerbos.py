"""Cerbos, which decides by policies. Each question tells it the role and the organisation of the user."""

import contextlib
import json

import batches
import identity
import messages
import model
from peer import BEST, SHIPPED, Asked, Comparison, Peer, accepts_grpc, install, running
from ports import free_port

METHOD = "/cerbos.svc.v1.CerbosService/CheckResources"
# The end of an action's entry in the answer: field 2, an effect, is EFFECT_ALLOW or EFFECT_DENY.
ALLOWED, DENIED = ":read\x10\x01", ":read\x10\x02"
BY_NAME, BY_TOKEN = "document", "document_by_token"
IS_IN_ORGANISATION = 'hierarchy(P.attr.organisation, "/").ancestorOf(hierarchy(R.id, "/"))'
IS_SUBJECT = "request.aux_data.jwt.sub == P.id"


def policy(kind, condition):
    """A resource policy in JSON, which is YAML, too."""
    rules = [{"actions": [f"r{role}:read", f"r{role}:write"], "effect": "EFFECT_ALLOW", "roles": [f"role-{role}"],
              "condition": {"match": {"expr": condition}}} for role in model.ROLES]
    return json.dumps({"apiVersion": "api.cerbos.dev/v1",
                       "resourcePolicy": {"version": "default", "resource": kind, "rules": rules}})


def request(questions, principal, kind, token=None):
    """A CheckResourcesRequest. It has the questions of one user."""
    user = questions[0].user
    role = f"role-{model.role_of(user)}"
    organisation = messages.message((3, f"orgs/o{user}"))  # google.protobuf.Value
    attribute = messages.message((1, "organisation"), (2, organisation))
    resources = [messages.message((1, f"r{each.role}:read"), (2, messages.message((1, kind), (3, each.document))))
                 for each in questions]
    credential = [(5, messages.message((1, messages.message((1, token)))))] if token else []
    return messages.message((3, messages.message((1, principal), (3, role), (4, attribute))),
                            *((4, resource) for resource in resources), *credential)


def by_name(questions):
    return request(questions, questions[0].name, BY_NAME)


def by_token(question, user, token):
    return request([question], model.user_id(user), BY_TOKEN, token)


class Cerbos(Peer):
    name = "Cerbos"
    settings = {
        SHIPPED: "default configuration, policies on disk",
        BEST: "also `server.metricsEnabled: false`, `server.apiExplorerEnabled: false`, "
              "`storage.disk.watchForChanges: false` and `--log-level=error`; audit logs are off by default",
    }

    def _program(self):
        return self.folder / "node_modules" / "@cerbos" / "cerbos-linux-x64" / "cerbos-linux-x64"

    def get(self):
        package = self._program().parent / "package.json"
        if package.exists() and json.loads(package.read_text(encoding="utf-8"))["version"] == self.version:
            return
        install("npm", "install", "--prefix", self.folder, "--no-save", "--no-audit", "--no-fund",
                f"@cerbos/cerbos-linux-x64@{self.version}")

    @contextlib.contextmanager
    def serving(self, context, setting):
        bench = context.bench
        folder = bench.file("cerbos")
        (folder / "policies").mkdir(parents=True)
        (folder / "policies" / "by_name.json").write_text(policy(BY_NAME, IS_IN_ORGANISATION), encoding="utf-8")
        (folder / "policies" / "by_token.json").write_text(
            policy(BY_TOKEN, f"{IS_SUBJECT} && {IS_IN_ORGANISATION}"), encoding="utf-8")
        keys = folder / "keys.json"
        keys.write_text(identity.public_keys(context), encoding="utf-8")
        address = f"127.0.0.1:{free_port()}"
        tuned = setting == BEST
        server = {"grpcListenAddr": address, "httpListenAddr": f"127.0.0.1:{free_port()}"}
        disk = {"directory": str(folder / "policies"), "watchForChanges": not tuned}
        if tuned:
            server |= {"metricsEnabled": False, "apiExplorerEnabled": False}
        (folder / "config.json").write_text(json.dumps({
            "server": server,
            "storage": {"driver": "disk", "disk": disk},
            "telemetry": {"disabled": True},
            "auxData": {"jwt": {"keySets": [{"id": "identity", "local": {"file": str(keys)}}]}},
        }), encoding="utf-8")
        command = [self._program(), "server", f"--config={folder / 'config.json'}"]
        if tuned:
            command.append("--log-level=error")
        with running(bench, command, accepts_grpc(bench, address), self.name) as process:
            process.address = address
            yield process

    def comparisons(self, context, ours, theirs):
        def asked(name, requests):
            path = messages.write(context.bench.file(f"cerbos-{name}.requests"), requests)
            return Asked(["load", "--address", theirs.address, "--method", METHOD, "--expect", ALLOWED], path)

        denied = asked("denied", [by_name([each]) for each in model.denied()]).requests
        yield Comparison(
            identity.DECISION,
            asked("names", [by_name([each]) for each in model.allowed()]),
            identity.by_id(context, ours), denied, identity.denied(context))
        own = identity.by_token(context, ours)
        yield Comparison(
            identity.CREDENTIAL,
            asked("tokens", [by_token(each, each.user, token)
                             for each, token in zip(model.allowed(), identity.tokens(own), strict=True)]),
            own,
            asked("others", [by_token(each, each.user % len(model.USERS) + 1, token)
                             for each, token in zip(model.allowed(), identity.tokens(own), strict=True)]).requests)
        yield batches.comparison(
            context.bench, model.of_one_user(),
            batches.Side(self.name, theirs.address, METHOD, by_name, ALLOWED, DENIED),
            identity.in_batches(context, ours))
