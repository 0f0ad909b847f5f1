#!/usr/bin/python3
"""Checks that each source sees a declaration of every name of ours that it uses: its own, or one in a header that it
includes, directly or not.

    check_declared.py ROOT

Most builds and checks join several sources into one, where a source also sees what the others include. But the default
preset compiles each source alone. This check reads text, so it takes a second: it knows the names that our headers declare
outside classes, and finds them in the sources that see no such declaration. Of the libraries it knows a few functions of
Abseil, because its own headers include each other differently from release to release.

Prints FILE:LINE: the name, and the header that declares it. Exits with 1 when a source lacks an include, or when there
are no sources.
"""

import collections
import functools
import pathlib
import re
import sys

INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
# What is no code, or names a test. Line breaks stay, for the line numbers.
NO_CODE = re.compile(r'R"(?P<mark>\w*)\(.*?\)(?P=mark)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"'
                     r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'|INSTANTIATE_TEST_SUITE_P\(\s*\w+", re.DOTALL)
TYPE = r"(?:class|struct|union|enum class|enum)\s+(?:[A-Z_]+(?:\(\w*\))?\s+)?(\w+)"
FUNCTION = r"[a-zA-Z:][\w:<>,&* \[\]]*[ &*>](\w+)\("
# A name that a line at the left margin declares: clang-format indents everything else.
OUTSIDE = re.compile(rf"^(?:template <.*>\s+)?(?:{TYPE}|using (\w+) =|#define (\w+)|namespace (?:\w+::)*(\w+) \{{"
                     r"|(?:inline )?constexpr [^=;({]*?(\w+)\s*[=;\[{]"
                     rf"|(?!return|using|namespace|class|struct|enum|template|ABSL_){FUNCTION})", re.MULTILINE)
# A name that a line declares anywhere, such as a nested class, a member function or an enumerator.
ANYWHERE = re.compile(rf"\b{TYPE}|\busing (\w+) =|\busing [\w:]+::(\w+);|\btypename(?:\.\.\.)? (\w+)|#define (\w+)"
                      r"|\bnamespace (\w+) =|\b(k[A-Z]\w*)\s*[,=}]"
                      rf"|^ *(?!return|else|case|new|throw|const auto|auto){FUNCTION}", re.MULTILINE)
# A name that does not belong to an object, a class or another namespace, and whether it is a scope itself.
USE = re.compile(r"(?<![\w.>:])(?:identity::)?([A-Za-z_]\w*)\b(\s*::)?")
# The folders of our sources, and the folders that their includes begin at.
FOLDERS = {"server": ".", "db": ".", "client/cpp": "client/cpp", "tests": "."}
ABSEIL = {
    "absl/strings/ascii.h": "AsciiStrToLower AsciiStrToUpper StripAsciiWhitespace",
    "absl/strings/escaping.h": "Base64Escape Base64Unescape BytesToHexString CEscape WebSafeBase64Escape",
    "absl/strings/match.h": "EndsWith StartsWith StartsWithIgnoreCase StrContains",
    "absl/strings/numbers.h": "SimpleAtoi",
    "absl/strings/str_cat.h": "StrAppend StrCat",
    "absl/strings/str_format.h": "StrFormat",
    "absl/strings/str_join.h": "StrJoin",
    "absl/strings/str_replace.h": "StrReplaceAll",
    "absl/strings/str_split.h": "StrSplit",
    "absl/strings/strip.h": "ConsumePrefix ConsumeSuffix StripPrefix StripSuffix",
    "absl/time/clock.h": "Now SleepFor",
}
ABSEIL_HEADER = {function: header for header, functions in ABSEIL.items() for function in functions.split()}
ABSEIL_USE = re.compile(r"\babsl::(\w+)\(")


def code_of(path):
    return NO_CODE.sub(lambda match: "\n" * match[0].count("\n"), path.read_text(encoding="utf-8"))


def names(pattern, text):
    return {name for groups in pattern.findall(text) for name in groups if name}


class Sources:
    """All sources below a folder, by their paths in includes."""

    def __init__(self, root):
        self.text = {}
        self.includes = {}
        for folder, base in FOLDERS.items():
            for path in sorted((root / folder).rglob("*")):
                if path.suffix in (".cc", ".h"):
                    source = path.relative_to(root / base).as_posix()
                    self.includes[source] = INCLUDE.findall(path.read_text(encoding="utf-8"))
                    self.text[source] = code_of(path)
        self.declared_in = collections.defaultdict(set)
        for source, text in self.text.items():
            if source.endswith(".h"):
                for name in names(OUTSIDE, text):
                    self.declared_in[name].add(source)

    @functools.cache
    def declares(self, source):
        return names(OUTSIDE, self.text[source]) | names(ANYWHERE, self.text[source])

    def seen_by(self, source):
        """The source, and all that it includes."""
        seen, new = set(), [source]
        while new:
            file = new.pop()
            if file in self.text and file not in seen:
                seen.add(file)
                new += self.includes[file]
        return seen

    def undeclared(self, source):
        """Yields (line number, name, headers) for the names that no declaration is seen of."""
        seen = self.seen_by(source)
        declared = set().union(*(self.declares(file) for file in seen))
        included = set().union(*(self.includes[file] for file in seen))
        reported = set()
        for number, line in enumerate(self.text[source].splitlines(), start=1):
            for function in ABSEIL_USE.findall(line):
                header = ABSEIL_HEADER.get(function)
                if header is not None and header not in included and function not in reported:
                    reported.add(function)
                    yield number, f"absl::{function}", [header]
            for name, scope in USE.findall(line):
                # A namespace is a name only before "::".
                if name not in self.declared_in or name in declared or name in reported or name.islower() and not scope:
                    continue
                reported.add(name)
                yield number, name, sorted(self.declared_in[name])


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_declared.py ROOT")
    sources = Sources(pathlib.Path(sys.argv[1]))
    if not sources.text:
        sys.exit(f"check_declared.py: there are no sources below {sys.argv[1]}")
    count = 0
    for source in sources.text:
        for number, name, headers in sources.undeclared(source):
            print(f"{source}:{number}: {name}: include {' or '.join(headers)}")
            count += 1
    sys.exit(1 if count else 0)


if __name__ == "__main__":
    main()
