#!/usr/bin/python3
"""Runs Clang's analysis over our sources, several of them in one translation unit.

    analyze.py threads|tidy FILE…

    threads  Clang's own warnings, those of -Wthread-safety among them, as errors
    tidy     the same, and clang-tidy with the checks of .clang-tidy

The compile commands are those of build/clang, whose generated headers must exist. Most of the time of these tools goes into
the headers. So a generated source holds the text of several files. When it has a finding, its halves are analyzed in its
place, down to the single file whose finding is printed. The reason may be that two files define the same name: then the
halves are clean.

Clean results are stored in ~/.cache/identity-analysis (or below XDG_CACHE_HOME). Their key covers the versions of the
tools, the flags, .clang-tidy, and the content of every file that the compiler reads, including system headers.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time
import types

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "clang"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "identity-analysis"
TOGETHER = BUILD / "together"
FILES_TOGETHER = 20
DAYS_KEPT = 30
# What only one source knows, and the names that it defines there.
UNNAMED = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.MULTILINE | re.DOTALL)
DEFINED = re.compile(r"^(?!using |#)\w[^\n(){}=;]*?(?<![:\w])(\w+)\s*[({=\[;]", re.MULTILINE)


@functools.cache
def digest_of(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def run(command):
    return subprocess.run(command, cwd=BUILD, capture_output=True, encoding="utf-8", check=False)


def flags_of(entry):
    """The compiler's arguments in a compile command, without its name, input and output."""
    words = shlex.split(entry["command"])
    words = words[next(i for i, word in enumerate(words) if word.endswith("clang++")) + 1:]
    flags = []
    skip = False
    for word in words:
        if not skip and word not in ("-c", "-o", entry["file"]):
            flags.append(word)
        skip = word == "-o"
    return tuple(flags)


def compile_flags():
    """The flags of each source, by its absolute path."""
    entries = json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
    return {entry["file"]: flags_of(entry) for entry in entries}


def names_in(file):
    """What a source defines in unnamed namespaces, outside classes and functions."""
    return {name for text in UNNAMED.findall((ROOT / file).read_text(encoding="utf-8")) for name in DEFINED.findall(text)}


def groups_of(files):
    """Lists of files with the same flags, if possible of one folder, without two that define the same name."""
    flags = compile_flags()
    unknown = [file for file in files if str(ROOT / file) not in flags]
    if unknown:
        sys.exit(f"build/clang does not compile {' '.join(unknown)}")
    groups = []
    for file in sorted(files, key=lambda file: (os.path.dirname(file), file)):
        its_flags = flags[str(ROOT / file)]
        names = names_in(file)
        for group in groups:
            if group.flags == its_flags and len(group.files) < FILES_TOGETHER and not group.names & names:
                break
        else:
            group = types.SimpleNamespace(flags=its_flags, files=[], names=set())
            groups.append(group)
        group.files.append(file)
        group.names |= names
    return [(group.flags, group.files) for group in groups]


def source_for(files):
    """A source that stands for all of the files: the only one, or one with their text. An include that an earlier file
    has is left out, because a check reports duplicates."""
    if len(files) == 1:
        return ROOT / files[0]
    lines = []
    included = set()
    for file in files:
        its_lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        lines += [line for line in its_lines if line not in included]
        included |= {line for line in its_lines if line.startswith("#include ")}
    text = "\n".join(lines) + "\n"
    source = TOGETHER / f"{files[0].replace('/', '_')}.{hashlib.sha256(text.encode()).hexdigest()[:16]}.cc"
    source.write_text(text, encoding="utf-8")
    return source


class Results:
    """The keys of what earlier runs found clean."""

    def __init__(self):
        CACHE.mkdir(parents=True, exist_ok=True)
        for result in CACHE.iterdir():
            if time.time() - result.stat().st_mtime > DAYS_KEPT * 86400:
                result.unlink(missing_ok=True)

    def has(self, key):
        path = CACHE / key
        if not path.exists():
            return False
        os.utime(path)
        return True

    def put(self, key):
        (CACHE / key).touch()


class Group:
    """Files that are analyzed together."""

    def __init__(self, analysis, flags, files):
        self.analysis = analysis
        self.flags = flags
        self.files = files
        self.source = source_for(files)
        listed = run(["clang++", *flags, "-M", "-MT", "all", str(self.source)])
        self.read = listed.stdout.replace("\\\n", " ").split()[1:] if listed.returncode == 0 else None

    def size(self):
        """Bytes that the compiler reads."""
        return sum(os.path.getsize(path) for path in self.read or [])

    def key(self):
        """Covers everything that a result depends on; None when the compiler cannot read the files."""
        if self.read is None:
            return None
        read = [(path.removeprefix(str(ROOT)), digest_of(path)) for path in self.read if path != str(self.source)]
        own = [(file, digest_of(ROOT / file)) for file in self.files]
        flags = [flag.replace(str(ROOT), "") for flag in self.flags]
        return hashlib.sha256(json.dumps([self.analysis.version, flags, own, read]).encode()).hexdigest()

    def passes(self):
        key = self.key()
        if key and self.analysis.results.has(key):
            return True
        done = run([*self.analysis.before_source, str(self.source), *self.analysis.before_flags, *self.flags])
        passed = done.returncode == 0
        if not passed and len(self.files) > 1:
            middle = len(self.files) // 2
            halves = [Group(self.analysis, self.flags, files) for files in (self.files[:middle], self.files[middle:])]
            passed = all([half.passes() for half in halves])
        elif not passed:
            # On standard error clang-tidy only counts suppressed findings, except when it failed to run.
            print(done.stdout or done.stderr, end="", flush=True)
        if passed and key:
            self.analysis.results.put(key)
        return passed


class Analysis:

    def __init__(self, tool):
        self.results = Results()
        self.version = [digest_of(__file__), run(["clang++", "--version"]).stdout]
        self.before_source = ["clang++", "-fsyntax-only", "-fno-caret-diagnostics"]
        self.before_flags = []
        if tool == "tidy":
            self.version += [digest_of(ROOT / ".clang-tidy"), run(["clang-tidy", "--version"]).stdout]
            self.before_source = ["clang-tidy", "--quiet"]
            self.before_flags = ["--"]

    def passes(self, files):
        groups = [Group(self, *group) for group in groups_of(files)]
        groups.sort(key=Group.size, reverse=True)
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            return all(list(pool.map(Group.passes, groups)))


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("threads", "tidy"):
        sys.exit("usage: analyze.py threads|tidy FILE…")
    TOGETHER.mkdir(parents=True, exist_ok=True)
    sys.exit(not Analysis(sys.argv[1]).passes(sys.argv[2:]))


if __name__ == "__main__":
    main()
