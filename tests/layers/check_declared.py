#!/usr/bin/python3
"""Checks that each source sees a declaration of every name of ours that it uses: its own, or one in a header that it
includes, directly or not.

    check_declared.py ROOT

Most builds and checks join several sources into one, where a source also sees what the others include. But the default
preset compiles each source alone. This check reads text, so it takes a second: it knows the names that our headers declare
outside classes, and finds them in the sources that see no such declaration. It does not know the headers of libraries.

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
FOLDERS = ("server", "db", "client", "tests")


def code_of(path):
    return NO_CODE.sub(lambda match: "\n" * match[0].count("\n"), path.read_text(encoding="utf-8"))


def names(pattern, text):
    return {name for groups in pattern.findall(text) for name in groups if name}


class Sources:
    """All sources below a folder, by their paths from it."""

    def __init__(self, root):
        self.text = {}
        self.includes = {}
        for folder in FOLDERS:
            for path in sorted((root / folder).rglob("*")):
                if path.suffix in (".cc", ".h"):
                    source = path.relative_to(root).as_posix()
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
        """Yields (line number, name) for the names that no declaration is seen of."""
        declared = set().union(*(self.declares(file) for file in self.seen_by(source)))
        reported = set()
        for number, line in enumerate(self.text[source].splitlines(), start=1):
            for name, scope in USE.findall(line):
                # A namespace is a name only before "::".
                if name not in self.declared_in or name in declared or name in reported or name.islower() and not scope:
                    continue
                reported.add(name)
                yield number, name


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_declared.py ROOT")
    sources = Sources(pathlib.Path(sys.argv[1]))
    if not sources.text:
        sys.exit(f"check_declared.py: there are no sources below {sys.argv[1]}")
    count = 0
    for source in sources.text:
        for number, name in sources.undeclared(source):
            print(f"{source}:{number}: {name}: include {' or '.join(sorted(sources.declared_in[name]))}")
            count += 1
    sys.exit(1 if count else 0)


if __name__ == "__main__":
    main()
