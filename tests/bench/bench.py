"""Runs the benchmark's rows, prints their figures beside the bars, and writes the report and the documents."""

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import time

import charts
import long_rows
import rows
from deployment import Bench, Failure

ROOT = pathlib.Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- figures: written by scripts/bench --write-docs -->", "<!-- end of figures -->"
BARS = {**rows.BARS, **long_rows.BARS}
GROWTH = (("growth_principals", "principals"), ("growth_roles", "roles"), ("growth_depth", "depth of the resource"))


def say(text):
    print(f"==> {text}", file=sys.stderr, flush=True)


def measure(context, name):
    """The figures of a row, without values and with the reason when it fails."""
    say(name)
    started = time.monotonic()
    try:
        found = getattr(rows if name in rows.BARS else long_rows, name)(context)
    except (Failure, OSError, subprocess.SubprocessError) as failure:
        found = [(None, str(failure))] * len(BARS[name])
        say(f"{name} failed: {failure}")
    say(f"{name} took {time.monotonic() - started:.0f} s")
    return [rows.Figure(figure, value, unit, at_least, at_most, note)
            for (figure, unit, at_least, at_most), (value, note) in zip(BARS[name], found, strict=True)]


def shown(figure):
    """The value, with as many digits as it needs to be on the right side of its bar."""
    value = figure.value
    if value is None:
        return "none"
    for digits in (0, 2) if value >= 100 or value == int(value) else (2, 3, 4):
        text = f"{value:,.{digits}f}"
        if dataclasses.replace(figure, value=float(text.replace(",", ""))).met() == figure.met():
            break
    return text


def table(figures):
    """A Markdown table with aligned columns."""
    lines = [("what", "figure", "bar", "met", "unit", "from")]
    lines += [(f.name, shown(f), f.bar().replace(">=", "≥").replace("<=", "≤"), "yes" if f.met() else "**no**",
               f.unit, f.note.replace("\n", " ").replace("|", "/")) for f in figures]
    return aligned(lines)


def aligned(lines):
    """The lines, of which the first has the titles, as a Markdown table. The last column has any width."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]) - 1)]
    lines.insert(1, tuple("-" * width for width in widths) + ("----",))
    widths.append(0)
    return "\n".join(f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths))} |" for line in lines)


def first_match(file, beginning):
    for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines():
        if line.startswith(beginning):
            return line.split(":" if ":" in line else "=", 1)[1].strip().strip('"')
    return "unknown"


def machine(cluster):
    memory = int(first_match("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    version = cluster.execute("postgres", "SHOW server_version")
    linux = ".".join(platform.release().split(".")[:2])
    return (f"{os.cpu_count()} processors ({first_match('/proc/cpuinfo', 'model name')}), {memory:.0f} GiB of memory, "
            f"{first_match('/etc/os-release', 'PRETTY_NAME')}, Linux {linux}, PostgreSQL {version}")


def write_docs(figures, context, where):
    charts_of = {"growth.svg": None, "throughput.svg": None}
    if "throughput" in context.details:
        charts_of["throughput.svg"] = charts.throughput(context.details["throughput"])
    if all(name in context.details for name, _ in GROWTH):
        charts_of["growth.svg"] = charts.growth([(title, context.details[name]["curve"]) for name, title in GROWTH])
    for name, chart in charts_of.items():
        if chart is not None:
            (ROOT / "docs" / name).write_text(chart, encoding="utf-8")
    page = ROOT / "docs" / "performance.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    day = datetime.date.today().isoformat()
    page.write_text(f"{before}{BEGIN}\nMeasured on {day}: {where}.\n\n{table(figures)}\n{END}{after}", encoding="utf-8")


def write_report(figures, context):
    directory = ROOT / "build" / "bench"
    directory.mkdir(parents=True, exist_ok=True)
    report = [{"name": f.name, "value": f.value, "unit": f.unit, "bar": f.bar(), "met": f.met()} for f in figures]
    (directory / "report.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (directory / "details.json").write_text(json.dumps(context.details, indent=1) + "\n", encoding="utf-8")
    return directory / "report.json"


def compare(programs, before, names, rounds):
    """Measures rows with the server `before` and with ours, in turn, and prints how the figures differ."""
    pairs = {}  # by figure: before and now, of each round
    for turn in range(rounds):
        for side, identityd in enumerate((before, server_of(programs))):
            say(f"round {turn + 1} of {rounds}, {'now' if side else 'before'}")
            with Bench(identityd, tool_of(programs), say) as bench:
                context = rows.Context(bench)
                for name in names:
                    for figure in measure(context, name):
                        pairs.setdefault(figure.name, [[], []])[side].append(figure.value)
                where = machine(bench.cluster)
    lines = [("what", "before", "now", "now / before", "lowest", "highest")]
    for name, sides in pairs.items():
        turns = [(old, new) for old, new in zip(*sides) if old and new is not None]
        if turns:
            ratios = sorted(new / old for old, new in turns)
            medians = [statistics.median(side) for side in zip(*turns)]
            lines.append((name, *(f"{value:,.2f}" for value in (*medians, statistics.median(ratios), ratios[0],
                                                                ratios[-1]))))
        else:
            lines.append((name, *["none"] * 5))
    print(f"{where}\n\n{aligned(lines)}")


def server_of(programs):
    return programs / "server" / "identityd"


def tool_of(programs):
    return programs / "tests" / "bench" / "identity_bench"


def end(_signal, _frame):
    sys.exit(130)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="the build directory")
    parser.add_argument("--write-docs", action="store_true")
    parser.add_argument("--compare-with", type=pathlib.Path, help="another identityd")
    parser.add_argument("--rounds", type=int, default=3, help="of --compare-with")
    parser.add_argument("rows", nargs="*")
    arguments = parser.parse_args()
    names = list(BARS)
    for name in arguments.rows:
        if name not in names:
            sys.exit(f"bench: no such row: {name}; there are {', '.join(names)}")
    if arguments.rounds < 1:
        sys.exit("bench: --rounds must be 1 or more")
    if arguments.compare_with and arguments.write_docs:
        sys.exit("bench: --write-docs does not go with --compare: it writes the figures of one version")
    if arguments.write_docs and arguments.rows:
        sys.exit("bench: --write-docs needs a run of all rows: remove the names of rows")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    chosen = [name for name in names if name in (arguments.rows or rows.BARS)]
    if arguments.compare_with:
        compare(arguments.programs, arguments.compare_with, chosen, arguments.rounds)
        return
    figures = []
    with Bench(server_of(arguments.programs), tool_of(arguments.programs), say) as bench:
        context = rows.Context(bench)
        for name in chosen:
            figures += measure(context, name)
        where = machine(bench.cluster)
    report = write_report(figures, context)
    print(f"{where}\n\n{table(figures)}")
    say(f"written to {report.relative_to(ROOT)}")
    if arguments.write_docs:
        if any(figure.value is None for figure in figures):
            sys.exit("bench: performance.md keeps its table, since not every row could be measured")
        write_docs(figures, context, where)


if __name__ == "__main__":
    main()
