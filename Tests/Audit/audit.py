#!/usr/bin/env python3
"""Random scenarios through the product and through a computation of its own, and every figure of both compared.

    Tests/Audit/audit.py --count 200            seeds 1 to 200
    Tests/Audit/audit.py --seed 17 --shrink     one, and the smallest scenario that still differs
    Tests/Audit/audit.py --file smallest.json   one that was written down

Expects audit-feed and millwright in .build/release, or in the folder that AUDIT_EXECUTABLES names."""

import argparse
import json
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import scenarios
import shrinking
from compare import differences, kind
from figures import Audit
from messages import read_story
from product import Failure, Product


def examine(scenario):
    """[(request, path, by the audit, by the product)] and how many figures were compared."""
    found, compared = [], 0
    with Product(scenario) as product:
        evidence = read_story(scenario["story"])
        for request in scenario["reports"]:
            expected = Audit(scenario, evidence, request).report(request["scope"])
            try:
                report = product.report(request)
            except Failure as failure:
                if "exit 66" in str(failure) and expected.get("~base") == 0:
                    # Nothing with that name is in service then.
                    continue
                found.append((request, "report", "a report", str(failure)))
                continue
            compared += len(expected)
            found += [(request, *one) for one in differences(expected, report)]
    return found, compared


def examine_seed(seed):
    try:
        return seed, *examine(scenarios.make(seed))
    except Failure as failure:
        return seed, [({}, "product", "no failure", str(failure))], 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="how many scenarios")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--file", help="a scenario that was written down")
    parser.add_argument("--shrink", action="store_true", help="find the smallest scenario that still differs")
    parser.add_argument("--path", help="shrink by this figure")
    parser.add_argument("--write", default="smallest.json", help="where the smallest scenario goes")
    parser.add_argument("--show", type=int, default=5, help="how many differences of a scenario are printed")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    if options.file or options.seed is not None:
        return one(options)
    began = time.time()
    kinds, compared, bad = Counter(), 0, []
    with ThreadPoolExecutor(options.jobs) as pool:
        for seed, found, count in pool.map(examine_seed, range(options.first, options.first + options.count)):
            compared += count
            if found:
                bad.append(seed)
                for difference in found:
                    kinds[kind(difference[1])] += 1
                for difference in found[:options.show]:
                    describe(seed, difference)
    print("%d scenarios, %d figures, %d scenarios with differences, %.0f s"
          % (options.count, compared, len(bad), time.time() - began))
    for name, count in kinds.most_common():
        print("  differs: %s: %d" % (name, count))
    return 1 if bad else 0


def describe(seed, difference):
    request, path, audit, product = difference
    print("seed %s, %s: %s: audit %s, product %s" % (seed, json.dumps(request), path, short(audit), short(product)))


def short(value):
    """Of a list what differs from nothing, by place."""
    if isinstance(value, list) and len(value) > 5:
        return {i: one for i, one in enumerate(value) if one}
    return value


def one(options):
    if options.file:
        with open(options.file, encoding="utf-8") as file:
            scenario = json.load(file)
    else:
        scenario = scenarios.make(options.seed)
    found, compared = examine(scenario)
    for difference in found[:options.show]:
        describe(options.seed, difference)
    print("%d figures, %d differences" % (compared, len(found)))
    if options.shrink and found:
        wanted = next((d for d in found if not options.path or options.path in d[1]), None)
        if wanted:
            small, difference = shrinking.smallest(scenario, wanted, examine, kind)
            describe(options.seed, difference)
            print(shrinking.text(small))
            with open(options.write, "w", encoding="utf-8") as file:
                json.dump(small, file, ensure_ascii=False, indent=1)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
