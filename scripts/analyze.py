#!/usr/bin/python3
"""Runs Clang's analysis over our sources, several of them in one translation unit.

    analyze.py threads|tidy FILE…

    threads  Clang's own warnings, those of -Wthread-safety among them, as errors
    tidy     the same, and clang-tidy with the checks of .clang-tidy

The compile commands are those of build/clang, whose generated headers must exist. Most of the time of these tools goes into
the headers. So files of one folder are analyzed together: a generated source includes them. Files that define the same name
cannot be in one translation unit; they are put into different ones.

Results without findings are stored in ~/.cache/identity-analysis (or below XDG_CACHE_HOME). Their key covers the
versions of the tools, the flags, .clang-tidy, and the content of every file that the compiler reads, including system
headers.
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
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "clang"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "identity-analysis"
TOGETHER = BUILD / "together"
FILES_TOGETHER = 10
DAYS_KEPT = 30

ALL_CHECKS = ""
# A generated source includes other sources on purpose.
CHECKS_OF_SEVERAL = "-bugprone-suspicious-include"
# The only enabled check that ignores included sources. So it runs separately on each file with such declarations.
CHECK_OF_USING = "-*,misc-unused-using-decls"
USING = re.compile(r"^\s*using\s+[\w:]+::\w+;", re.MULTILINE)


if len(sys.argv) < 3 or sys.argv[1] not in ("threads", "tidy"):
    sys.exit("usage: analyze.py threads|tidy FILE…")
TOOL = sys.argv[1]


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


def groups_of(files):
    """Lists of files with the same flags, one folder after the other."""
    flags = compile_flags()
    unknown = [file for file in files if str(ROOT / file) not in flags]
    if unknown:
        sys.exit(f"build/clang does not compile {' '.join(unknown)}")
    by_flags = {}
    for file in sorted(files, key=lambda file: (os.path.dirname(file), file)):
        by_flags.setdefault(flags[str(ROOT / file)], []).append(file)
    for its_flags, members in by_flags.items():
        count = -(-len(members) // FILES_TOGETHER)
        for i in range(count):
            yield its_flags, members[len(members) * i // count:len(members) * (i + 1) // count]


class Remembered:
    """Values that earlier runs stored."""

    def get(self, key):
        path = CACHE / key
        if not path.exists():
            return None
        os.utime(path)
        return json.loads(path.read_text(encoding="utf-8"))

    def put(self, key, value):
        new = CACHE / f"{key}.{threading.get_ident()}"
        new.write_text(json.dumps(value), encoding="utf-8")
        new.rename(CACHE / key)


class Analysis:

    def __init__(self):
        self.remembered = Remembered()
        self.tools = digest_of(__file__) + run(["clang++", "--version"]).stdout
        self.tidy = digest_of(ROOT / ".clang-tidy") + run(["clang-tidy", "--version"]).stdout if TOOL == "tidy" else ""

    def source_for(self, files):
        """A source that stands for all of the files."""
        if len(files) == 1:
            return ROOT / files[0]
        text = "".join(f'#include "{ROOT / file}"\n' for file in files)
        source = TOGETHER / f"{files[0].replace('/', '_')}.{hashlib.sha256(text.encode()).hexdigest()[:16]}.cc"
        source.write_text(text, encoding="utf-8")
        return source

    def key_of(self, flags, files):
        """Covers everything that a result depends on; None when the compiler cannot read the files."""
        listed = run(["clang++", *flags, "-M", "-MT", "all", str(self.source_for(files))])
        if listed.returncode != 0:
            return None
        paths = listed.stdout.replace("\\\n", " ").split()[1:]
        read = [(path.removeprefix(str(ROOT)), digest_of(path)) for path in paths if not path.startswith(str(TOGETHER))]
        own_flags = [flag.replace(str(ROOT), "") for flag in flags]
        return hashlib.sha256(json.dumps([self.tools, own_flags, files, read]).encode()).hexdigest()

    def compile(self, flags, files):
        source = self.source_for(files)
        return run(["clang++", *flags, "-fsyntax-only", "-ferror-limit=0", "-fno-caret-diagnostics", str(source)])

    def parts_of(self, flags, files):
        """As few lists of files as possible that compile together, each with True. A file that does not compile even
        alone is a list with False."""
        parts = []
        while files:
            together = files
            while (done := self.compile(flags, together)).returncode != 0 and len(together) > 1:
                together = self.without_errors(together, done.stderr)
            parts.append([together, done.returncode == 0])
            files = [file for file in files if file not in together]
        return parts

    def without_errors(self, together, errors):
        """The files without errors, always including the first; the first half if the errors are elsewhere."""
        places = set(re.findall(r"^(.*?):\d+:\d+: error", errors, re.MULTILINE))
        wrong = {file for file in together[1:] if str(ROOT / file) in places}
        return [file for file in together if file not in wrong] if wrong else together[:len(together) // 2]

    def remembered_parts(self, flags, files):
        key = self.key_of(flags, files)
        parts = key and self.remembered.get(key)
        if not parts:
            parts = self.parts_of(flags, files)
            if key and all(compiles for _, compiles in parts):
                self.remembered.put(key, parts)
        return parts

    def has_no_findings(self, flags, files, checks):
        """Runs clang-tidy. After a finding it runs again for each file alone, so that the finding is the file's own."""
        key = self.key_of(flags, files)
        key = key and f"{key}-{hashlib.sha256(f'{checks} {self.tidy}'.encode()).hexdigest()[:16]}"
        if key and self.remembered.get(key):
            return True
        done = run(["clang-tidy", "--quiet", f"--checks={checks}", str(self.source_for(files)), "--", *flags])
        if done.returncode == 0:
            if key:
                self.remembered.put(key, True)
            return True
        alone = [self.has_no_findings(flags, [file], ALL_CHECKS) for file in files] if len(files) > 1 else []
        if not alone or all(alone):
            # On standard error clang-tidy only counts suppressed findings, except when it failed to run.
            print(done.stdout or done.stderr, end="", flush=True)
        return False

    def is_tidy(self, flags, files):
        if len(files) == 1:
            return self.has_no_findings(flags, files, ALL_CHECKS)
        declaring = [file for file in files if USING.search((ROOT / file).read_text(encoding="utf-8"))]
        return self.has_no_findings(flags, files, CHECKS_OF_SEVERAL) and all(
            [self.has_no_findings(flags, [file], CHECK_OF_USING) for file in declaring])

    def passes(self, flags, files):
        passed = True
        for together, compiles in self.remembered_parts(flags, files):
            if not compiles:
                print(self.compile(flags, together).stderr, end="", flush=True)
                passed = False
            elif TOOL == "tidy" and not self.is_tidy(flags, together):
                passed = False
        return passed


def forget_old_results():
    for result in CACHE.iterdir():
        if time.time() - result.stat().st_mtime > DAYS_KEPT * 86400:
            result.unlink(missing_ok=True)


def main():
    CACHE.mkdir(parents=True, exist_ok=True)
    TOGETHER.mkdir(parents=True, exist_ok=True)
    forget_old_results()
    analysis = Analysis()
    groups = sorted(groups_of(sys.argv[2:]), key=lambda group: -len(group[1]))
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        passed = list(pool.map(lambda group: analysis.passes(*group), groups))
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
