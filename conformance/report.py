#!/usr/bin/env python3
"""Sorts the functions of ceph/s3-tests' test_s3.py into families, picks what to run, and reports what came of it.

  report.py select --suite DIR --families FILE [--all]                    one function name a line
  report.py failed --junit FILE                                           one function name a line
  report.py report --suite DIR --families FILE --junit FILE [--again FILE] [--exceptions FILE] [--expected FILE] [--report FILE] [--update FILE]

A function with several parameters passes when every case does. `report` leaves with 1 when a function of the expected
file did not pass.
"""

import argparse
import ast
import collections
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

STATES = ("covered", "not-yet", "foreign")


def families(path: str) -> list:
    rows = []
    for line in Path(path).read_text().splitlines():
        if line and not line.startswith("#"):
            state, rest = line.split(None, 1)
            family, pattern = re.split(r"\s{2,}", rest.strip(), maxsplit=1)
            assert state in STATES, line
            rows.append((state, family, re.compile(pattern)))
    return rows


def functions(suite: str) -> list:
    """Names of the test functions, without importing the suite."""
    source = Path(suite, "s3tests/functional/test_s3.py").read_text()
    return [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def family_of(name: str, rows: list) -> tuple:
    return next(((state, family) for state, family, pattern in rows if pattern.search(name)), ("not-yet", "other"))


def outcomes(junit: str) -> tuple:
    result, message = {}, {}
    rank = {"passed": 0, "skipped": 1, "failed": 2}
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        name = case.get("name").split("[")[0]
        outcome = "passed"
        for tag, means in (("skipped", "skipped"), ("failure", "failed"), ("error", "failed")):
            found = case.find(tag)
            if found is not None:
                outcome = means
                message[name] = (found.get("message") or "").strip().splitlines()[:1]
        if rank[outcome] >= rank.get(result.get(name), -1):
            result[name] = outcome
    return result, message


def names_in(path: str) -> dict:
    """`name` or `name  reason` a line."""
    found = {}
    if path and Path(path).exists():
        for line in Path(path).read_text().splitlines():
            if line.strip() and not line.startswith("#"):
                name, _, reason = line.strip().partition(" ")
                found[name] = reason.strip()
    return found


def report(arguments) -> int:
    rows = families(arguments.families)
    result, message = outcomes(arguments.junit)
    if arguments.again and Path(arguments.again).exists():
        again, why = outcomes(arguments.again)
        result |= again
        message |= why
    exceptions = names_in(arguments.exceptions)
    expected = names_in(arguments.expected)
    table = collections.OrderedDict(((state, family), collections.Counter()) for state, family, _ in rows)
    failed = collections.OrderedDict()
    for name in functions(arguments.suite):
        key = family_of(name, rows)
        outcome = result.get(name, "not run")
        if outcome == "failed" and name in exceptions:
            outcome = "excepted"
        table.setdefault(key, collections.Counter())[outcome] += 1
        if outcome == "failed" and key[0] == "covered":
            failed.setdefault(key[1], []).append(name)

    out = ["# ceph/s3-tests, test_s3.py", "",
           "Counted in test functions. *covered* families are meant to pass whole; *not-yet* families wait for later work and are shown as they"
           " stand; *foreign* ones test extensions of Ceph that S3 does not have. An exception is a function whose expectation is not S3's: the"
           " reasons are below.", "",
           "| state | family | functions | passed | failed | excepted | skipped | not run |", "|---|---|---:|---:|---:|---:|---:|---:|"]
    sums = collections.defaultdict(collections.Counter)
    for (state, family), counts in sorted(table.items(), key=lambda item: (STATES.index(item[0][0]), item[0][1].lower())):
        if counts:
            sums[state] += counts
            out.append(row(state, family, counts))
    for state in STATES:
        out.append(row(f"**{state}**", "**all**", sums[state]))
    if failed:
        out += ["", "## Failed in covered families", ""]
        for family, names in failed.items():
            out += [f"### {family}", ""] + [f"- `{name}`: {(message.get(name) or [''])[0][:300]}" for name in names] + [""]
    if exceptions:
        out += ["", "## Exceptions", ""] + [f"- `{name}`: {reason}" for name, reason in exceptions.items()]
    text = "\n".join(out) + "\n"
    if arguments.report:
        Path(arguments.report).write_text(text)
    else:
        print(text)

    passed = sorted(name for name, outcome in result.items() if outcome == "passed" and family_of(name, rows)[0] == "covered")
    if arguments.update:
        Path(arguments.update).write_text("# Functions of covered families that pass; written by s3-tests.sh --update.\n" + "\n".join(passed) + "\n")
    lost = [name for name in expected if result.get(name, "not run") != "passed" and not (arguments.partial and name not in result)]
    for name in lost:
        print(f"LOST: {name} ({result.get(name, 'not run')}) {(message.get(name) or [''])[0][:200]}")
    counts = sums["covered"]
    print(f"covered families: {counts['passed']} passed, {counts['failed']} failed, {counts['excepted'] + counts['skipped']} skipped")
    return 1 if lost else 0


def row(state: str, family: str, counts: collections.Counter) -> str:
    cells = [sum(counts.values())] + [counts[kind] for kind in ("passed", "failed", "excepted", "skipped", "not run")]
    return f"| {state} | {family} | " + " | ".join(str(cell) for cell in cells) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("select", "failed", "report"))
    parser.add_argument("--suite")
    parser.add_argument("--families")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--partial", action="store_true", help="a part of the suite ran: what did not run is not lost")
    for name in ("--junit", "--again", "--exceptions", "--expected", "--report", "--update"):
        parser.add_argument(name)
    arguments = parser.parse_args()
    if arguments.what == "report":
        return report(arguments)
    if arguments.what == "failed":
        print(*(name for name, outcome in outcomes(arguments.junit)[0].items() if outcome == "failed"), sep="\n")
        return 0
    rows = families(arguments.families)
    for name in functions(arguments.suite):
        if arguments.all or family_of(name, rows)[0] == "covered":
            print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
