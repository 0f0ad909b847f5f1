"""Identity's side of the comparisons."""

import batches
import messages
import model
import rows
import seed
from peer import Asked

DECISION, CREDENTIAL = "decision", "credential to decision"
PRINCIPAL_ID, PERMISSION, RESOURCE = 3, 6, 7  # fields of CheckPermissionRequest
# The first fields of a CheckPermissionResponse inside a batch, `decision` and `reason`, and the key of the third one.
ALLOWED, DENIED = "\x08\x01\x10\x01\x1a", "\x08\x02\x10\x07\x1a"


def _checks(context, server, requests):
    return Asked(["load", "--address", server.address, "--method", rows.CHECK, "--expect-allowed",
                  "--authorization-file", context.backend], requests)


def by_id(context, server):
    """Checks that name a user by id."""
    return _checks(context, server, context.requests("check-principal", len(model.USERS), "--users", len(model.USERS)))


def by_token(context, server):
    """Checks with the access tokens of the users, which last for 15 minutes."""
    return _checks(context, server, context.tokens(len(model.USERS), len(model.USERS)))


def public_keys(context):
    """The JWK set by which others verify the access tokens."""
    database = context.databases.template()
    return context.bench.run_identityd("keys", "jwks", "--database-url",
                                       context.bench.cluster.url("identity_server", database))


def check(question):
    """A CheckPermissionRequest."""
    return messages.message((PRINCIPAL_ID, model.user_id(question.user)), (PERMISSION, f"r{question.role}:read"),
                            (RESOURCE, question.document))


def denied(context):
    return messages.write(context.bench.file("denied.requests"), map(check, model.denied()))


def in_batches(context, server):
    return batches.Side(
        "Identity", server.address, rows.BATCH,
        lambda questions: messages.message(*((1, check(question)) for question in questions)), ALLOWED, DENIED,
        context.backend, ("--expect-allowed-batch",))


def introspections(context, server):
    requests = context.requests("introspection", len(model.USERS), "--users", len(model.USERS), "--bearer-file",
                                context.backend)
    return Asked(["http-load", "--address", server.http_address, "--expect", '"active":true'], requests,
                 {"--connections": 64})


def forged(context, asked):
    """The requests of `introspections` with other signatures."""
    return messages.write(context.bench.file("forged.requests"),
                          [request[:-40] + request[:-41:-1] for request in messages.read(asked.requests)])


def add_passwords(context, database):
    """Lets the users log in with seed.PASSWORD."""
    hashed = context.bench.tool("seeds", "--password", seed.PASSWORD)["password_hash"]
    context.bench.cluster.execute(database, f"INSERT INTO passwords (principal_id, hash) SELECT {seed.user()}, "
                                  f"'{hashed}' FROM generate_series(1, {len(model.USERS)}) AS i")


def logins(context, server):
    requests = context.requests("login", len(model.USERS), "--users", len(model.USERS), "--password", seed.PASSWORD)
    return Asked(["load", "--address", server.address, "--method", rows.AUTHENTICATE], requests,
                 {"--connections": 2, "--in-flight": 4})


def tokens(asked):
    """The access tokens in the requests of `by_token`, in the order of the users."""
    return [messages.first_field(request).decode() for request in messages.read(asked.requests)]
