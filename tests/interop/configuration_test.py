"""docs/configuration.md lists the options of the program, with their defaults and ranges."""

import re
import subprocess
import unittest

import deployment

DOCUMENT = deployment.ROOT / "docs" / "configuration.md"
COMMON = {"database-url", "log-level", "config"}
GROUPS = {"keys", "routes"}
WITHOUT_OPTIONS = (["version"], ["routes", "check"], ["routes", "try"])
# The beginning of an option in the help: its name, for a flag its opposite, and then its value, up to the description.
OPTION = re.compile(r"^\s+--(?P<name>[a-z0-9-]+)(?:,\s*--no-[a-z-]+\S*)?(?P<takes>(?: \S+)*)", re.MULTILINE)
DEFAULT = re.compile(r"=(\S+)$| \[(\S+)\]")
RANGE = re.compile(r"\[(\d+) - (\d+)\]")


def help_of(*subcommand):
    """The output of `identityd SUBCOMMAND --help`."""
    return subprocess.run([deployment.current().binary, *subcommand, "--help"], check=True, stdout=subprocess.PIPE,
                          encoding="utf-8", timeout=60).stdout


def options_in_help(*subcommand):
    """The value that each option accepts, with its default and range, by the name of the option."""
    return {match["name"]: match["takes"] for match in OPTION.finditer(help_of(*subcommand))}


def subcommands_in_help(*group):
    """All subcommands, or those of a group."""
    listed = re.split(r"^Subcommands:$", help_of(*group), flags=re.MULTILINE | re.IGNORECASE)[1]
    commands = []
    for name in re.findall(r"^\s{1,4}([a-z-]+)\s", listed, re.MULTILINE):
        commands += subcommands_in_help(name) if name in GROUPS else [[*group, name]]
    return commands


def rows_of(title):
    """The cells of the tables with options below a heading."""
    section = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", DOCUMENT.read_text(encoding="utf-8"),
                        re.MULTILINE | re.DOTALL).group(1)
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in section.splitlines()
            if line.startswith("|")]
    return [row for row in rows if len(row) in (4, 5) and row[-3].startswith("`")]


def documented_options():
    """For each subcommand its own options: name, and the cells for variable, default and meaning."""
    options = {"serve": {row[0].strip("`"): row[1:] for row in rows_of("Options of `identityd serve`")}}
    for names, option, *rest in rows_of("Options of the other subcommands"):
        for name in re.findall(r"`([a-z -]+)`", names):
            options.setdefault(name, {})[option.strip("`")] = rest
    return options


class ConfigurationTest(unittest.TestCase):

    def test_the_document_and_the_help_have_the_same_options(self):
        documented = documented_options()
        self.assertGreater(len(documented["serve"]), 40)
        subcommands = subcommands_in_help()
        self.assertIn(["serve"], subcommands)
        for subcommand in subcommands:
            with self.subTest(subcommand):
                real = set(options_in_help(*subcommand)) - {"help"}
                shown = set(documented.pop(" ".join(subcommand), {}))
                if subcommand in WITHOUT_OPTIONS:
                    self.assertEqual(real, set())
                    continue
                self.assertLessEqual(COMMON, real)
                self.assertEqual(shown - COMMON, real - COMMON)
        self.assertEqual(documented, {}, "no such subcommand")

    def test_serve_lists_the_common_options_too(self):
        self.assertLessEqual(COMMON, set(documented_options()["serve"]))

    def test_each_variable_is_named_after_its_option(self):
        for subcommand, options in documented_options().items():
            for name, (variable, _, _) in options.items():
                with self.subTest(f"{subcommand} {name}"):
                    self.assertEqual(variable, f"`IDENTITY_{name.upper().replace('-', '_')}`")

    def test_each_default_is_that_of_the_help(self):
        for subcommand, options in documented_options().items():
            real = options_in_help(*subcommand.split())
            for name, (_, default, _) in options.items():
                with self.subTest(f"{subcommand} {name}"):
                    found = DEFAULT.search(real[name])
                    shown = re.fullmatch(r"`(\S+)`", default)
                    self.assertEqual(shown and shown[1], found and (found[1] or found[2]))

    def test_each_range_is_that_of_the_help(self):
        compared = 0
        for subcommand, options in documented_options().items():
            real = options_in_help(*subcommand.split())
            for name, (_, _, meaning) in options.items():
                found = RANGE.search(real[name])
                if found and not name.endswith(("-minute", "-hour")):  # one sentence above their table has their range
                    compared += 1
                    with self.subTest(f"{subcommand} {name}"):
                        self.assertIn(f"{found[1]} to {found[2]}", meaning)
        self.assertGreater(compared, 5)

    def test_each_subcommand_is_described(self):
        listed = set(re.findall(r"^\| `identityd ([a-z -]+?)(?: [A-Z]+)*` \|", DOCUMENT.read_text(encoding="utf-8"),
                                re.MULTILINE))
        self.assertEqual(listed, {" ".join(subcommand) for subcommand in subcommands_in_help()})
