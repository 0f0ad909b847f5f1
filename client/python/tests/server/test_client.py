"""Both clients against the real service. tests/conformance has the cases that need lost servers or a clock."""

import asyncio
import unittest

import grpc

import identity
from identity import aio
from identity.v1.account_service_pb2 import GetAccountRequest
from identity.v1.admin_service_pb2 import CreateRoleRequest
from identity.v1.identity_service_pb2 import DECISION_ALLOWED, CheckPermissionRequest
from tests.server import service


class ClientTest(unittest.TestCase):

    def test_a_session_is_a_credential(self):
        id, login = service().user("ada")
        session = identity.Session(service().anyone, service().tokens(login))
        account = service().anyone.with_credential(session).call(GetAccountRequest()).account
        self.assertEqual((account.id, session.principal_id), (id, id))

    def test_an_error_names_the_fields(self):
        with self.assertRaises(identity.Error) as raised:
            service().admin.call(CreateRoleRequest(role={"name": "Not A Name"}))
        self.assertEqual((raised.exception.code, raised.exception.reason),
                         (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"))
        self.assertEqual([each.field for each in raised.exception.fields], ["role.name"])


class AioClientTest(unittest.TestCase):

    def test_sessions_and_checks(self):
        id, login = service().user("ada")
        service().bind(id, service().role("posts:read"), "orgs/acme")
        tokens = service().tokens(login)

        async def use():
            async with aio.Client(service().address, service().key, plaintext=True) as client:
                session = aio.Session(client, tokens)
                account = await client.with_credential(session).call(GetAccountRequest())
                answer = await client.call(CheckPermissionRequest(
                    access_token=await session.token(), permission="posts:read", resource="orgs/acme"))
                return account.account.id, answer.decision
        self.assertEqual(asyncio.run(use()), (id, DECISION_ALLOWED))

    def test_a_client_outlives_an_event_loop(self):
        client = aio.Client(service().address, service().key, plaintext=True)
        request = CheckPermissionRequest(anonymous=True, permission="posts:read")
        for _ in range(2):
            self.assertEqual(asyncio.run(client.call(request)).principal.username, "anonymous")


if __name__ == "__main__":
    unittest.main()
