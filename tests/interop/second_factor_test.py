"""Second factors with pyotp, an independent authenticator app."""

import base64
import concurrent.futures
import struct
import time
import unittest
import urllib.parse
import uuid
import zlib

import grpc
import pyotp
from identity.v1 import account_service_pb2, identity_service_pb2, types_pb2

import client

PASSWORD = "correct horse battery staple é"


class SecondFactorTest(unittest.TestCase):

    def setUp(self):
        administrator = client.admin(self)
        self.name = f"mfa-{uuid.uuid4().hex[:12]}"
        self.visitor = client.anonymous(self)
        created = client.create_user(administrator, self.name, PASSWORD)
        self.user_id = created.user.id
        tokens = self.visitor.log_in(self.name, PASSWORD)
        self.account = self._account(tokens.access_token)
        proof = types_pb2.Proof(current_password=PASSWORD)
        enrolled = self.account.EnrollTotp(account_service_pb2.EnrollTotpRequest(proof=proof))
        self.image = enrolled.qr_code_png
        self.app = pyotp.parse_uri(enrolled.otpauth_uri)
        self.uri = enrolled.otpauth_uri

    def _account(self, access_token):
        return client.with_token(self, access_token).account

    def _confirm(self, at=None):
        code = self.app.at(at or time.time())
        answer = self.account.ConfirmTotp(account_service_pb2.ConfirmTotpRequest(totp_code=code))
        return code, list(answer.recovery_codes)

    def _challenge(self, visitor=None):
        request = identity_service_pb2.AuthenticateRequest(password={"login": self.name, "password": PASSWORD})
        answer = (visitor or self.visitor).identity.Authenticate(request)
        self.assertEqual(answer.WhichOneof("result"), "mfa_challenge")
        return answer.mfa_challenge.challenge_token

    def _answer(self, challenge, visitor=None, **code):
        request = identity_service_pb2.AuthenticateRequest(mfa={"challenge_token": challenge, **code})
        return (visitor or self.visitor).identity.Authenticate(request).tokens

    def _refused(self, challenge, **code):
        with self.assertRaises(grpc.RpcError) as refused:
            self._answer(challenge, **code)
        self.assertEqual(client.reason_of(refused.exception), "INVALID_CREDENTIALS")

    def _next_code(self):
        # The server also accepts the time step after the one that confirmed.
        return self.app.at(time.time() + 30)

    def test_the_uri_is_what_apps_expect(self):
        parsed = urllib.parse.urlparse(self.uri)
        self.assertEqual((parsed.scheme, parsed.netloc), ("otpauth", "totp"))
        self.assertEqual((self.app.digits, self.app.interval), (6, 30))
        self.assertEqual(self.app.name, self.name)
        self.assertEqual(len(base64.b32decode(self.app.secret + "=" * (-len(self.app.secret) % 8))), 20)

    def test_the_image_is_a_valid_png(self):
        self.assertEqual(self.image[:8], b"\x89PNG\r\n\x1a\n")
        at = 8
        kinds = []
        while at < len(self.image):
            length, = struct.unpack(">I", self.image[at:at + 4])
            chunk = self.image[at + 4:at + 8 + length]
            self.assertEqual(struct.unpack(">I", self.image[at + 8 + length:at + 12 + length])[0], zlib.crc32(chunk))
            kinds.append(chunk[:4])
            at += 12 + length
        self.assertEqual((kinds[0], kinds[-1]), (b"IHDR", b"IEND"))

    def test_a_code_logs_in_once(self):
        confirmed, _ = self._confirm()
        self._refused(self._challenge(), totp_code=confirmed)
        code = self._next_code()
        tokens = self._answer(self._challenge(), totp_code=code)
        self.assertEqual(tokens.principal_id, self.user_id)
        self._refused(self._challenge(), totp_code=code)

    def test_of_fifty_parallel_uses_of_a_code_over_two_replicas_one_succeeds(self):
        self._confirm()
        visitors = [client.anonymous(self, replica=i % 2) for i in range(10)]
        challenges = [self._challenge(visitors[i % 10]) for i in range(10)]
        code = self._next_code()

        def use(i):
            try:
                return self._answer(challenges[i % 10], visitors[i % 10], totp_code=code).session_id
            except grpc.RpcError as error:
                self.assertEqual(client.reason_of(error), "INVALID_CREDENTIALS")
                return None

        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            sessions = [session for session in pool.map(use, range(50)) if session]
        self.assertEqual(len(sessions), 1)

    def test_wrong_codes_block_the_app_and_a_second_factor_is_still_required(self):
        _, recovery_codes = self._confirm()
        right = self._next_code()
        wrong = [code for code in (f"{n:06d}" for n in range(200)) if code not in
                 {self.app.at(time.time() + shift) for shift in (-60, -30, 0, 30, 60, 90)}]
        for n in range(101):
            if n % 5 == 0:
                challenge = self._challenge()
            self._refused(challenge, totp_code=wrong[n])
        self._refused(self._challenge(), totp_code=right)
        tokens = self._answer(self._challenge(), recovery_code=recovery_codes[3])
        self.assertEqual(tokens.principal_id, self.user_id)
        self._refused(self._challenge(), recovery_code=recovery_codes[3])
