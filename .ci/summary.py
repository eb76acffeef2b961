#!/usr/bin/env python3
"""Adds up the surefire and failsafe reports of every module and prints `N passed, N failed, N skipped`.

Leaves with 1 when nothing ran: a build that ran no test has not shown anything.
"""

import glob
import sys
import xml.etree.ElementTree as ElementTree


def main() -> int:
    rows, slowest = {}, []
    for path in sorted(glob.glob("*/target/*fire-reports/TEST-*.xml") + glob.glob("*/target/failsafe-reports/TEST-*.xml")):
        module = path.split("/", 1)[0]
        suite = ElementTree.parse(path).getroot()
        passed, failed, skipped = rows.get(module, (0, 0, 0))
        for case in suite.iter("testcase"):
            if case.find("skipped") is not None:
                skipped += 1
                reason = case.find("skipped").get("message") or ""
                print(f"skipped: {case.get('classname')}.{case.get('name')} {reason}".rstrip())
            elif case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                print(f"FAILED:  {case.get('classname')}.{case.get('name')}")
            else:
                passed += 1
        rows[module] = (passed, failed, skipped)
        slowest.append((float((suite.get("time") or "0").replace(",", "")), suite.get("name")))

    for seconds, name in sorted(slowest, reverse=True)[:8]:
        print(f"{seconds:8.1f} s  {name}")
    for module, (passed, failed, skipped) in rows.items():
        print(f"{module:14s} {passed} passed, {failed} failed, {skipped} skipped")
    passed, failed, skipped = (sum(row[i] for row in rows.values()) for i in range(3))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if passed + failed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
