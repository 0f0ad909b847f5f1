"""Token sources, and what is printed of them."""

import pathlib
import tempfile
import unittest

from identity import Client, Error, File, Token, aio


class FileTest(unittest.TestCase):

    def setUp(self):
        self.path = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "key"
        self.now = 0.0
        self.file = File(self.path, clock=lambda: self.now)

    def test_a_new_text_counts_after_at_most_10_seconds(self):
        self.path.write_text("one\n")
        self.assertEqual(self.file.token(), "one")
        self.path.write_text("two\n")
        self.now = 9.9
        self.assertEqual(self.file.token(), "one")
        self.now = 10
        self.assertEqual(self.file.token(), "two")

    def test_a_file_that_vanishes_leaves_its_text(self):
        self.path.write_text("one")
        self.file.token()
        self.path.unlink()
        self.now = 10
        self.assertEqual(self.file.token(), "one")
        self.path.write_text("")
        self.now = 20
        self.assertEqual(self.file.token(), "one")

    def test_a_file_that_never_was(self):
        with self.assertRaises(Error) as raised:
            self.file.token()
        self.assertIn(str(self.path), str(raised.exception))
        self.assertNotEqual(raised.exception.code.name, "UNAUTHENTICATED")  # it would end a session
        self.path.write_text("one")
        self.assertEqual(self.file.token(), "one")


class SecrecyTest(unittest.TestCase):

    def test_nothing_prints_a_credential(self):
        for each in (Token("idk_secret"), Client("localhost:1", "idk_secret"), aio.Client("localhost:1", "idk_secret")):
            self.assertNotIn("secret", f"{each} {each!r}")


if __name__ == "__main__":
    unittest.main()
