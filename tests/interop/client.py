"""A Python client of Identity, built on the generated stubs."""

import grpc
from google.rpc import error_details_pb2, status_pb2
from identity.v1 import (account_service_pb2_grpc, admin_service_pb2, admin_service_pb2_grpc, identity_service_pb2,
                         identity_service_pb2_grpc)
from passlib.hash import argon2

import deployment

TIMEOUT_SECONDS = 20


class _Calls(grpc.UnaryUnaryClientInterceptor):
    """Adds a deadline and the client's credential to every call, and records the called methods."""

    def __init__(self, metadata, called):
        self._metadata = metadata
        self._called = called

    def intercept_unary_unary(self, continuation, details, request):
        self._called.add(details.method.rpartition("/")[2])
        return continuation(
            _Details(details.method, TIMEOUT_SECONDS, self._metadata, details.credentials, details.wait_for_ready,
                     details.compression), request)


class _Details(grpc.ClientCallDetails):
    def __init__(self, method, timeout, metadata, credentials, wait_for_ready, compression):
        self.method = method
        self.timeout = timeout
        self.metadata = metadata
        self.credentials = credentials
        self.wait_for_ready = wait_for_ready
        self.compression = compression


class Client:
    """The stubs of one replica, with one credential in the metadata of each call. `address`: of a replica that is not
    one of the deployment's. `channel`: use this one instead. It ends with the client."""

    def __init__(self, replica=0, api_key=None, access_token=None, called=None, metadata=(), address=None,
                 channel=None):
        metadata = list(metadata)
        if access_token is not None:
            metadata.append(("authorization", f"Bearer {access_token}"))
        if api_key is not None:
            metadata.append(("x-api-key", api_key))
        self._channel = channel or grpc.insecure_channel(address or deployment.current().addresses[replica])
        channel = grpc.intercept_channel(self._channel, _Calls(metadata, set() if called is None else called))
        self.identity = identity_service_pb2_grpc.IdentityServiceStub(channel)
        self.account = account_service_pb2_grpc.AccountServiceStub(channel)
        self.admin = admin_service_pb2_grpc.AdminServiceStub(channel)

    def close(self):
        self._channel.close()

    def log_in(self, login, password, **fields):
        """The tokens of a login by password."""
        request = identity_service_pb2.AuthenticateRequest(password={"login": login, "password": password}, **fields)
        return self.identity.Authenticate(request).tokens

    def check(self, /, permission, resource="", **fields):
        """The answer of CheckPermission; `fields` has the subject."""
        caller = fields.pop("self", None)
        request = identity_service_pb2.CheckPermissionRequest(permission=permission, resource=resource, **fields)
        if caller is not None:
            setattr(request, "self", caller)  # no argument: Protobuf in pure Python takes none of that name
        return self.identity.CheckPermission(request)


def anonymous(case, **options):
    """A client without a credential, for as long as the test case `case` runs."""
    return _for(case, Client(**options))


def service(case, **options):
    """A client with the key of the service account that has the permission to check."""
    return with_key(case, deployment.current().service_key, **options)


def admin(case, **options):
    """A client with a session of the first super admin."""
    here = deployment.current()
    tokens = anonymous(case, **options).log_in(here.admin_login, here.admin_password)
    return with_token(case, tokens.access_token, **options)


def with_token(case, access_token, **options):
    """A client with an access token."""
    return _for(case, Client(access_token=access_token, **options))


def with_key(case, api_key, **options):
    """A client with an API key."""
    return _for(case, Client(api_key=api_key, **options))


def _for(case, client):
    case.addCleanup(client.close)
    return client


def create_user(administrator, name, password):
    """Makes a user who logs in with `password`."""
    password_hash = argon2.using(type="ID", memory_cost=19456, rounds=2, parallelism=1).hash(password)
    return administrator.admin.CreateUser(admin_service_pb2.CreateUserRequest(
        username=name, email=f"{name}@example.com", password_hash=password_hash))


def create_role(administrator, name, permissions, inherits=()):
    """Makes a role."""
    role = {"name": name, "permissions": permissions, "inherits": inherits}
    administrator.admin.CreateRole(admin_service_pb2.CreateRoleRequest(role=role))


def bind(administrator, principal_id, role, resource=""):
    """Gives a principal a role; returns the consistency token."""
    binding = {"principal_id": principal_id, "role": role, "resource": resource}
    return administrator.admin.CreateBinding(admin_service_pb2.CreateBindingRequest(binding=binding)).consistency_token


def reason_of(error):
    """The reason in the ErrorInfo of a failed call."""
    info = _detail_of(error, error_details_pb2.ErrorInfo())
    return info.reason if info and info.domain == "identity.v1" else ""


def retry_delay_of(error):
    """The delay in seconds after which the server wants the failed call again. None: it names none."""
    retry = _detail_of(error, error_details_pb2.RetryInfo())
    return retry.retry_delay.ToTimedelta().total_seconds() if retry else None


def _detail_of(error, message):
    """`message`, filled from the details of a failed call. None: there is none of this type."""
    for name, value in error.trailing_metadata():
        if name != "grpc-status-details-bin":
            continue
        for detail in status_pb2.Status.FromString(value).details:
            if detail.Unpack(message):
                return message
    return None
