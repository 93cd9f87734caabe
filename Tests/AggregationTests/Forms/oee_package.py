"""Overall equipment effectiveness of groups of machines by the package oee of PyPI.

    oee_package.py FILE

FILE has a list of groups as JSON, each a list of machines: planned and running milliseconds, ideal cycle in milliseconds,
all and good pieces. Prints each group's figures."""

import json
import sys

import oee

with open(sys.argv[1], encoding="utf-8") as file:
    groups = json.load(file)
answers = []
for group in groups:
    whole = oee.aggregate([
        oee.oee(planned, run_time=running, ideal_cycle_time=cycle, total_count=total, good_count=good)
        for planned, running, cycle, total, good in group])
    answers.append({"oee": whole.oee, "availability": whole.availability, "performance": whole.performance,
                    "quality": whole.quality})
json.dump(answers, sys.stdout)
