"""POST /token, with cookies and without."""

import json
import urllib.parse

import jwt
import pyotp

import world
from case import Case
from identity.v1 import account_service_pb2 as account
from world import PASSWORD

APP = "https://app.example.com"
MFA_GRANT = "urn:identity:oauth:grant-type:mfa"


class TokenTest(Case):

    @classmethod
    def setUpClass(cls):
        cls.with_cors = world.current().start_frontend(CORS_ORIGINS=APP)
        cls.addClassCleanup(cls.with_cors.stop)

    @property
    def frontend(self):
        return self.with_cors

    def ask(self, visitor=None, headers=(), **form):
        answer = (visitor or self.visitor()).ask("POST", "/token", urllib.parse.urlencode(form),
                                                 {"Content-Type": "application/x-www-form-urlencoded", **dict(headers)})
        return answer.status, json.loads(answer.text), answer

    def password(self, name, **options):
        return self.ask(grant_type="password", username=name, password=PASSWORD, **options)

    def test_a_password_gets_tokens(self):
        status, tokens, answer = self.password(self.world.add_user())
        self.assertEqual(status, 200)
        self.assertEqual(set(tokens), {"access_token", "token_type", "refresh_token", "expires_in", "scope"})
        self.assertEqual((tokens["token_type"], tokens["expires_in"]), ("Bearer", 900))
        self.assertEqual((answer.cookies, answer.headers["cache-control"]), ([], "no-store"))
        status, fresh, _ = self.ask(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        self.assertEqual(status, 200)
        self.assertNotEqual(fresh["refresh_token"], tokens["refresh_token"])

    def test_scopes_narrow_the_token(self):
        _, tokens, _ = self.password(self.world.add_user(), scope="read:own_profile posts:read")
        claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
        self.assertEqual((tokens["scope"], claims["scope"]), ("read:own_profile", "read:own_profile"))

    def test_with_cookies_the_answer_has_no_tokens(self):
        visitor = self.visitor(Origin=self.frontend.origin)
        status, answer, _ = self.password(self.world.add_user(), visitor=visitor, cookies="true")
        self.assertEqual((status, set(answer)), (200, {"token_type", "expires_in", "scope"}))
        self.assertEqual(visitor.get("/account").status, 200)
        before = visitor.cookies["__Host-session"]
        status, answer, _ = self.ask(visitor, grant_type="refresh_token", cookies="true")
        self.assertEqual((status, set(answer)), (200, {"token_type", "expires_in", "scope"}))
        self.assertNotEqual(visitor.cookies["__Host-session"], before)
        self.assertEqual(visitor.get("/account").status, 200)

    def test_a_login_with_cookies_ends_the_session_before_it(self):
        visitor = self.visitor(Origin=self.frontend.origin)
        self.password(self.world.add_user(), visitor=visitor, cookies="true")
        before = self.frontend.seals.open("session", visitor.cookies["__Host-session"])["refresh_token"]
        self.password(self.world.add_user(), visitor=visitor, cookies="true")
        status, answer, _ = self.ask(grant_type="refresh_token", refresh_token=before)
        self.assertEqual((status, answer["error"]), (400, "invalid_grant"))

    def test_no_page_puts_a_token_of_its_own_into_the_cookie(self):
        _, tokens, _ = self.password(self.world.add_user())
        visitor = self.visitor(Origin=self.frontend.origin)
        status, answer, refused = self.ask(visitor, grant_type="refresh_token", cookies="true",
                                           refresh_token=tokens["refresh_token"])
        self.assertEqual((status, answer["error"], refused.cookies), (400, "invalid_grant", []))

    def test_no_other_site_gets_a_cookie_set(self):
        name = self.world.add_user()
        for headers, status in (({}, 400), ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403),
                                ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "none"}, 400)):
            answer = self.visitor().ask("POST", "/token", urllib.parse.urlencode(
                {"grant_type": "password", "username": name, "password": PASSWORD, "cookies": "true"}),
                {"Content-Type": "application/x-www-form-urlencoded", **headers})
            self.assertEqual((answer.status, answer.cookies), (status, []), headers)

    def test_only_listed_origins_may_read_the_answer(self):
        name = self.world.add_user()
        status, _, answer = self.password(name, headers={"Origin": APP})
        self.assertEqual((status, answer.headers["access-control-allow-origin"]), (200, APP))
        preflight = {"Access-Control-Request-Method": "POST"}
        allowed = self.visitor().ask("OPTIONS", "/token", headers={"Origin": APP, **preflight})
        self.assertEqual((allowed.status, allowed.headers["access-control-allow-origin"]), (200, APP))
        refused = self.visitor().ask("OPTIONS", "/token", headers={"Origin": "https://evil.example", **preflight})
        self.assertEqual((refused.status, refused.headers["access-control-allow-origin"]), (400, None))
        for path in ("/login", "/account"):
            self.assertNotIn("access-control-allow-origin", self.visitor().get(path, Origin=APP).headers)
        self.assertEqual(self.visitor().post("/login", {"login": name}, Origin=APP).status, 403)

    def test_a_second_factor_is_asked_for(self):
        name = self.world.add_user()
        tokens = self.world.log_in(name)
        person = self.world.client.with_credential(tokens.access_token)
        uri = person.call(account.EnrollTotpRequest(proof={"current_password": PASSWORD})).otpauth_uri
        codes = person.call(account.ConfirmTotpRequest(totp_code=pyotp.parse_uri(uri).now())).recovery_codes
        status, challenge, _ = self.password(name)
        self.assertEqual((status, challenge["error"]), (403, "mfa_required"))
        status, answer, _ = self.ask(grant_type=MFA_GRANT, mfa_token=challenge["mfa_token"], otp="000000")
        self.assertEqual((status, answer["error"]), (400, "invalid_grant"))
        status, answer, _ = self.ask(grant_type=MFA_GRANT, mfa_token=challenge["mfa_token"], recovery_code=codes[0])
        self.assertEqual(status, 200, answer)

    def test_refusals(self):
        name = self.world.add_user()
        login = {"grant_type": "password", "username": name, "password": PASSWORD}
        for form, error in (({**login, "password": "wrong"}, "invalid_grant"),
                            ({**login, "password": ""}, "invalid_grant"),
                            ({**login, "scope": "x:y"}, "invalid_scope"), ({**login, "scope": "X"}, "invalid_request"),
                            ({"grant_type": "refresh_token", "refresh_token": "idr_x"}, "invalid_grant"),
                            ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
                            ({}, "unsupported_grant_type")):
            status, answer, _ = self.ask(**form)
            self.assertEqual((status, answer["error"]), (400, error), form)
