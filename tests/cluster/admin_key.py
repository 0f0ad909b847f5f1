"""admin_key.py STUBS ADDRESS LOGIN: prints an API key of the user, whose password it reads from standard input."""

import sys

sys.path.insert(0, sys.argv[1])
import grpc  # pylint: disable=wrong-import-position
from identity.v1 import identity_service_pb2 as pb  # pylint: disable=wrong-import-position,import-error
from identity.v1 import identity_service_pb2_grpc as stubs  # pylint: disable=wrong-import-position,import-error
from identity.v1 import types_pb2 as types  # pylint: disable=wrong-import-position,import-error


def main():
    _, _, address, login = sys.argv
    password = sys.stdin.readline().rstrip("\n")
    with grpc.insecure_channel(address) as channel:
        service = stubs.IdentityServiceStub(channel)
        tokens = service.Authenticate(pb.AuthenticateRequest(
            password=pb.PasswordCredential(login=login, password=password)), timeout=10).tokens
        key = service.IssueApiKey(
            pb.IssueApiKeyRequest(display_name="load", proof=types.Proof(current_password=password)), timeout=10,
            metadata=[("authorization", f"Bearer {tokens.access_token}")])
        print(key.secret)


if __name__ == "__main__":
    main()
