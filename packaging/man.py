#!/usr/bin/python3
"""Prints the man page identityd(8), made from the help of the program.

    man.py IDENTITYD

The date of the page is that of SOURCE_DATE_EPOCH, or today.
"""

import datetime
import os
import re
import subprocess
import sys
import textwrap
import time

HEADING = re.compile(r"(positionals|options|subcommands):", re.IGNORECASE)
# Newer versions of CLI11 leave out the first word.
USAGE = re.compile(r"(Usage: )?(?P<usage>identityd( [a-z-]+)* \[OPTIONS\].*)")
# A name, perhaps with a value and a second name, and then a description after at least two spaces or in its column.
# Newer versions of CLI11 have a column for short names.
ENTRY = re.compile(r"(?: {1,4}| {10})(?P<name>\S+(?:, +\S+)*(?: \S+)*)(?: {2,}(?P<text>.*))?")
CLOSE_ENTRY = re.compile(r"(?P<name>.{28}\S) (?P<text>\S.*)")
CONTINUATION = re.compile(r" {12,}(?P<text>\S.*)")
# The kind of a value, where its range or its possible values follow.
KIND = re.compile(r"\b[A-Z]+:(?:INT in )?(?=[\[{])")
ESCAPES = str.maketrans({"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"})

FILES = {
    "/etc/identity/identityd.env": "The options of the service identityd.service, as environment variables.",
    "/etc/identity/secrets": "Files for the service that only root can read. The file master-keys must exist: its "
                             "lines are the master keys. The service gets copies at its start.",
}


def apart(line):
    """An entry whose name fills its column, with a second space after it. The range of a value is part of a name."""
    return line if " in [" in line else CLOSE_ENTRY.sub(r"\g<name>  \g<text>", line)


class Help:
    """The parts of `identityd SUBCOMMAND --help`."""

    def __init__(self, program, *subcommand):
        self.description, self.usage, self.footer = [], "", []
        self.entries = {"positionals": [], "options": [], "subcommands": []}
        text = subprocess.run([program, *subcommand, "--help"], check=True, stdout=subprocess.PIPE,
                              encoding="utf-8").stdout
        entries = None
        for line in text.splitlines():
            if self.footer:
                self.footer.append(line)
            elif HEADING.fullmatch(line.strip()):
                entries = self.entries[line.strip(": ").lower()]
            elif match := USAGE.match(line):
                self.usage = match["usage"].strip()
            elif not line.strip():
                continue
            elif entries is None:
                self.description.append(line.strip())
            elif (match := CONTINUATION.fullmatch(line)) and entries:
                entries[-1][1].append(match["text"].strip())
            elif match := ENTRY.fullmatch(apart(line.rstrip())):
                entries.append((match["name"], [match["text"]] if match["text"] else []))
            else:
                self.footer.append(line)


def verbatim(text):
    """A line of roff that shows the text."""
    return ("\\&" if text.startswith((".", "'")) else "") + text.translate(ESCAPES)


def filled(text):
    return [verbatim(line) for line in textwrap.wrap(text, 60, break_on_hyphens=False, break_long_words=False)]


def sentence(text):
    return text if text.endswith((".", "?")) else text + "."


def named(name):
    """The tag of an entry, with its names in bold."""
    words = KIND.sub("", name).replace(" REQUIRED", "").split()
    return " ".join(rf"\fB{word.translate(ESCAPES)}\fR" if re.match(r"-+\w", word) else word.translate(ESCAPES)
                    for word in words)


def tagged(entries):
    lines = []
    for name, text in entries:
        lines += [".TP", named(name), *filled(sentence(" ".join(text)))]
    return lines


def commands(program, *group):
    """The section of each subcommand, and of those in groups."""
    lines = []
    for name, _ in Help(program, *group).entries["subcommands"]:
        shown = Help(program, *group, name)
        if shown.entries["subcommands"]:
            lines += commands(program, *group, name)
            continue
        lines += [".SS " + verbatim(" ".join([*group, name])), *filled(sentence(" ".join(shown.description))), ".PP",
                  rf"\fB{shown.usage.translate(ESCAPES)}\fR"]
        lines += tagged(shown.entries["positionals"])
        lines += tagged(entry for entry in shown.entries["options"] if not entry[0].startswith("-h"))
        if shown.footer:
            lines += [".PP", ".nf", *(verbatim(line) or ".sp" for line in "\n".join(shown.footer).strip().split("\n")),
                      ".fi"]
    return lines


def page(program):
    version = subprocess.run([program, "version"], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout.strip()
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    date = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).date()
    shown = Help(program)
    return [f'.TH IDENTITYD 8 "{date}" "{version}" "System administration"',
            ".SH NAME", r"identityd \- identity service with gRPC",
            ".SH SYNOPSIS", r"\fBidentityd\fR \fISUBCOMMAND\fR [\fIOPTIONS\fR]",
            ".SH DESCRIPTION", *filled(" ".join(shown.description)),
            ".SH SUBCOMMANDS", *filled("Each subcommand also has --help. After the name of an option follow the kind "
                                       "of its value, the range and the default."),
            *commands(program),
            ".SH FILES", *tagged((name, [text]) for name, text in FILES.items()),
            ".SH SEE ALSO", r"\fBsystemctl\fR(1), \fBpsql\fR(1)"]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print("\n".join(page(sys.argv[1])))
