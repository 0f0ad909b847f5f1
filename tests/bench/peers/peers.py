"""Measures Identity beside its peers, prints the table, and writes the report and the document."""

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import textwrap
import time

import peer  # before the others: it lets them import the modules of tests/bench
import bench as own
import identity
import measure
import model
import rows
from cerbos import Cerbos
from deployment import Bench, Failure
from keycloak import Keycloak
from openfga import OpenFga
from spicedb import SpiceDb

ROOT = pathlib.Path(__file__).resolve().parents[3]
PEERS = (Cerbos, OpenFga, SpiceDb, Keycloak)
BEGIN, END = "<!-- peers: written by scripts/bench-peers --write-docs -->", "<!-- end of peers -->"
QUESTIONS = ("decision", "credential", "batch", "introspection", "login")  # the first words of their titles
TIMES_LESS, PART_OF_P99 = 10, 1 / 3  # the bars: at least, and at most


def say(text):
    print(f"==> {text}", file=sys.stderr, flush=True)


@dataclasses.dataclass(frozen=True)
class Result:
    """What one comparison gave, or why it gave nothing."""
    peer: str
    setting: str
    question: str = ""
    theirs: measure.Median = None
    ours: measure.Median = None
    rate: int = 0  # of calls
    runs: dict = None
    has_bars: bool = True
    decisions: int = 1  # in each call
    failure: str = ""

    def cells(self):
        if self.failure:
            return self.peer, self.setting, self.question, f"none: {self.failure}".replace("|", "/"), *[""] * 5
        times = self.theirs.processor_us / self.ours.processor_us
        part = self.ours.p99_ms / self.theirs.p99_ms
        rate = f"{self.rate:,}{' calls' if self.decisions > 1 else ''}/s"
        return (self.peer, self.setting, self.question,
                f"{self.theirs.per_second:,.0f} : {self.ours.per_second:,.0f}",
                f"{shown(self.theirs.processor_us)} : {shown(self.ours.processor_us)}",
                marked(f"{times:.1f}", times >= TIMES_LESS or not self.has_bars),
                f"{self.theirs.p99_ms:.2f} : {self.ours.p99_ms:.2f} at {rate}",
                marked(f"{part:.2f}", part <= PART_OF_P99 or not self.has_bars),
                f"{self.theirs.resident_mib:.0f} : {self.ours.resident_mib:.0f}")


def shown(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def marked(text, is_met):
    return text if is_met else f"**{text}**"


def table(results):
    titles = ("peer", "settings", "question", "answers a second", "processor time, µs an answer",
              "processor time: peer's / ours", "p99, ms", "p99: ours / peer's", "memory, MiB")
    return own.aligned([titles, *(result.cells() for result in results)])


def measure_peer(context, database, chosen, first_word):
    """The results of a peer with all its settings, for the questions whose titles begin with the word."""
    name = f"{chosen.name} {chosen.version.lstrip('v')}"
    for setting in chosen.settings:
        say(f"{name}, {setting}")
        question = ""
        try:
            with context.bench.serving(database) as ours, chosen.serving(context, setting) as theirs:
                for comparison in chosen.comparisons(context, ours, theirs):
                    question = comparison.title
                    if question.startswith(first_word):
                        say(question)
                        yield Result(name, setting, question, *measure.compare(context.bench, comparison, theirs, ours),
                                     comparison.has_bars, comparison.decisions)
        except (Failure, OSError, subprocess.SubprocessError) as failure:
            say(f"failed: {failure}")
            yield Result(name, setting, question, failure=" ".join(str(failure).split()))


def installed(chosen):
    """The peers that could be installed, and the results that say why the others could not."""
    had, missing = [], []
    for each in chosen:
        try:
            each.get()
            had.append(each)
        except peer.NotHad as reason:
            say(f"{each.name} is not had: {reason}")
            missing.append(Result(f"{each.name} {each.version.lstrip('v')}", "", failure=f"not had: {reason}"))
    return had, missing


def processor_times():
    """In seconds: the time, what all programs have had, and what this one and its ended children have had."""
    user, nice, system, *_ = map(int, pathlib.Path("/proc/stat").read_text(encoding="ascii").split()[1:10])
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (time.monotonic(), (user + nice + system) / os.sysconf("SC_CLK_TCK"),
            sum(usage.ru_utime + usage.ru_stime for usage in usages))


def share_of_others(before, after):
    """The part of the processor time that other programs have had. Our children must have ended."""
    seconds, machine, ours = (later - earlier for earlier, later in zip(before, after))
    return max(0, machine - ours) / (seconds * os.cpu_count())


def filled(text):
    return textwrap.fill(text, 120, subsequent_indent="  " if text.startswith("- ") else "", break_long_words=False,
                         break_on_hyphens=False)


def document(where, results):
    measured = filled(f"Measured on {datetime.date.today().isoformat()}: {where}.")
    notes = [filled(f"- {each.name}, {setting}: {note}.") for each in PEERS for setting, note in each.settings.items()]
    return f"{measured}\n\n{table(results)}\n\nThe settings:\n\n" + "\n".join(notes)


def write_docs(text):
    page = ROOT / "docs" / "performance.md"
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, finish, after = rest.partition(END)
    if not begin or not finish:
        sys.exit(f"bench-peers: {page.name} has no place for the table")
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def write_report(where, results):
    path = ROOT / "build" / "bench" / "peers.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    report = {"date": datetime.date.today().isoformat(), "machine": where,
              "results": [dataclasses.asdict(result) for result in results]}
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def end(_signal, _frame):
    sys.exit(130)


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="the build directory of Identity")
    parser.add_argument("--peers", type=pathlib.Path, default=ROOT / "build" / "peers", help="where the peers are kept")
    parser.add_argument("--write-docs", action="store_true")
    parser.add_argument("--question", choices=QUESTIONS, default="", help="ask only this")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    keys = [each.key() for each in PEERS]
    for name in arguments.names:
        if name not in keys:
            sys.exit(f"bench-peers: no such peer: {name}; there are {', '.join(keys)}")
    if arguments.write_docs and (arguments.names or arguments.question):
        sys.exit("bench-peers: --write-docs needs a run of all peers and questions: remove the names and --question")
    return arguments


def measure_all(programs, peers, first_word):
    """The results, and the machine in words."""
    results = []
    before = processor_times()
    with Bench(own.server_of(programs), own.tool_of(programs), say) as bench:
        context = rows.Context(bench)
        database = model.database(context)
        identity.add_passwords(context, database)
        for each in peers:
            results += measure_peer(context, database, each, first_word)
        machine = own.machine(bench.cluster)
    others = share_of_others(before, processor_times())
    return results, f"{machine}; other programs took {others:.1%} of the processor time"


def main():
    arguments = parsed_arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    had, results = installed([each(arguments.peers) for each in PEERS
                              if not arguments.names or each.key() in arguments.names])
    measured, where = measure_all(arguments.programs, had, arguments.question)
    results += measured
    path = write_report(where, results)
    text = document(where, results)
    print(text)
    say(f"written to {path.relative_to(ROOT)}")
    if any(result.failure for result in results):
        sys.exit("bench-peers: not everything could be measured; performance.md stays as it was")
    if arguments.write_docs:
        write_docs(text)


if __name__ == "__main__":
    main()
