#!/usr/bin/python3
"""Proves that check_declared.py accepts sources that see their declarations, and reports the others."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECKER = pathlib.Path(__file__).with_name("check_declared.py")

BASE = """#define RETURN_IF(x) do { if (x) return; } while (false)
namespace identity {
namespace change_log {
struct Moment {};
}  // namespace change_log
class Secret {
  struct Options {};
};
template <typename T>
struct Page {};
inline constexpr char kSelfRole[] = "self";
absl::optional<Secret> FindSecret(int id);
}  // namespace identity
"""
# What a source says, and whether it needs BASE for it.
LINES = [
    ("Secret secret;", True),
    ("const identity::Secret& Of(int x);", True),
    ("Page<int> page;", True),
    ("change_log::Moment now;", True),
    ("void F() { RETURN_IF(true); }", True),
    ("auto found = FindSecret(1);", True),
    ("const char* role = kSelfRole;", True),
    ("other::Secret secret;", False),
    ("auto found = store.FindSecret(1);", False),
    ("auto found = store->FindSecret(1);", False),
    ("// A Secret\nint x;", False),
    ('const char* text = "Secret";', False),
    ('const char* text = R"(Secret)";', False),
    ("class Secret;\nSecret* secret;", False),
    ("namespace {\nstruct Secret {};\nSecret secret;\n}", False),
    ("using other::Secret;\nSecret secret;", False),
    ("Options options;", False),
    ("int change_log = 1;", False),
]


class CheckDeclaredTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def check(self, **sources):
        """`sources`: texts by the names of files in server/, with _ for the dot."""
        for name, text in sources.items():
            path = self.root / "server" / name.replace("_", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return subprocess.run([sys.executable, "-B", CHECKER, self.root], capture_output=True, encoding="utf-8",
                              check=False)

    def test_reports_what_is_not_included(self):
        for line, needs_base in LINES:
            with self.subTest(line):
                done = self.check(base_h=BASE, user_cc=line + "\n")
                self.assertEqual(done.returncode, needs_base, done.stdout)
                if needs_base:
                    self.assertRegex(done.stdout, r"^server/user\.cc:1: \w+: include server/base\.h\n")
                done = self.check(base_h=BASE, user_cc=f'#include "server/base.h"\n{line}\n')
                self.assertEqual(done.returncode, 0, done.stdout)

    def test_an_include_of_an_include_is_enough(self):
        done = self.check(base_h=BASE, middle_h='#include "server/base.h"\n',
                          user_cc='#include "server/middle.h"\nSecret secret;\n')
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_knows_functions_of_abseil(self):
        line = "auto text = absl::StrCat(1);\n"
        done = self.check(user_cc=line)
        self.assertEqual(done.stdout, "server/user.cc:1: absl::StrCat: include absl/strings/str_cat.h\n")
        done = self.check(user_cc=f'#include "absl/strings/str_cat.h"\n{line}')
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_without_sources_it_fails(self):
        self.assertEqual(self.check().returncode, 1)


if __name__ == "__main__":
    unittest.main()
