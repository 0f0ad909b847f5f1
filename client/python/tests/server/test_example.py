"""examples/posts.py, served by uvicorn."""

import importlib.util
import os
import unittest

from tests.server import PYTHON, service
from tests.server.http import served


def loaded_example():
    os.environ.update(IDENTITY_ADDRESS=service().address, IDENTITY_SERVICE_KEY=service().key)
    spec = importlib.util.spec_from_file_location("posts", PYTHON / "examples" / "posts.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bearer(tokens):
    return {"authorization": f"Bearer {tokens.access_token}"}


class PostsTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.http = cls.enterClassContext(served(loaded_example().app))
        visitor = service().role("posts:read")
        author = service().role("posts:create", "posts:update", "posts:delete")
        cls.editor = service().role("posts:update")
        service().bind("anonymous", visitor)
        cls.ids = {}
        cls.logins = {}
        for name in ("ada", "eve", "ed"):
            cls.ids[name], cls.logins[name] = service().user(name)
            service().bind(cls.ids[name], visitor)
            service().bind(cls.ids[name], author, f"users/{cls.ids[name]}")
        service().bind(cls.ids["ed"], cls.editor)

    def tokens(self, name, scopes=()):
        return bearer(service().tokens(self.logins[name], scopes))

    def new_post(self):
        answer = self.http.post(f"/users/{self.ids['ada']}/posts", json={"text": "hello"}, headers=self.tokens("ada"))
        self.assertEqual(answer.status_code, 201, answer.text)
        return f"/users/{self.ids['ada']}/posts/{answer.json()['id']}"

    def assert_refused(self, answer, status, reason):
        self.assertEqual((answer.status_code, answer.json()["reason"]), (status, reason))

    def test_everybody_reads(self):
        post = self.new_post()
        for headers, is_editable in (({}, False), (self.tokens("eve"), False), (self.tokens("ada"), True)):
            answer = self.http.get(post, headers=headers)
            self.assertEqual(answer.json(), {"text": "hello", "is_editable": is_editable})
        self.assertEqual(self.http.get("/health").status_code, 200)

    def test_another_spelling_of_an_id_is_another_post(self):
        author, id = self.new_post().rsplit("/", 1)
        self.assertEqual(self.http.get(f"{author}/0{id}").status_code, 404)

    def test_authors_write_only_their_own_posts(self):
        post = self.new_post()
        self.assertEqual(self.http.put(post, json={"text": "new"}, headers=self.tokens("ada")).status_code, 200)
        self.assert_refused(self.http.put(post, json={"text": "x"}, headers=self.tokens("eve")), 403, "NO_BINDING")
        self.assert_refused(self.http.put(post, json={"text": "x"}), 401, "CREDENTIAL_REQUIRED")
        self.assert_refused(self.http.delete(post, headers=self.tokens("eve")), 403, "NO_BINDING")
        self.assertEqual(self.http.get(post).json()["text"], "new")
        self.assertEqual(self.http.delete(post, headers=self.tokens("ada")).status_code, 204)
        self.assertEqual(self.http.get(post).status_code, 404)

    def test_editors_write_any_post_and_delete_none(self):
        post = self.new_post()
        answer = self.http.put(post, json={"text": "edited"}, headers=self.tokens("ed"))
        self.assertEqual((answer.status_code, answer.json()["by"]), (200, self.logins["ed"]))
        self.assert_refused(self.http.delete(post, headers=self.tokens("ed")), 403, "NO_BINDING")

    def test_scopes_limit_an_editor(self):
        post = self.new_post()
        headers = self.tokens("ed", ["posts:read"])
        self.assertEqual(self.http.get(post, headers=headers).status_code, 200)
        answer = self.http.put(post, json={"text": "x"}, headers=headers)
        self.assert_refused(answer, 403, "SCOPE_INSUFFICIENT")

    def test_programs_send_an_api_key(self):
        post = self.new_post()
        key = service().program(self.editor)
        for headers in ({"x-api-key": key}, {"authorization": f"Bearer {key}"}):
            self.assertEqual(self.http.put(post, json={"text": "by a program"}, headers=headers).status_code, 200)
        key = service().program(self.editor, scopes=["posts:update"], requests_per_minute=1)
        self.assertEqual(self.http.put(post, json={"text": "once"}, headers={"x-api-key": key}).status_code, 200)
        answer = self.http.put(post, json={"text": "twice"}, headers={"x-api-key": key})
        self.assert_refused(answer, 429, "QUOTA_EXCEEDED")
        self.assertGreater(int(answer.headers["retry-after"]), 0)


if __name__ == "__main__":
    unittest.main()
