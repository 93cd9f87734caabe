"""Holds JSON files against a schema (draft 2020-12): validate.py SCHEMA FILE…

Prints each problem with its file and place; exit 1 when there is one.
"""

import json
import sys

from jsonschema import Draft202012Validator

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
found = False
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as file:
        report = json.load(file)
    for error in validator.iter_errors(report):
        found = True
        place = "/".join(str(part) for part in error.absolute_path)
        print(f"{name}: {place}: {error.message[:300]}")
sys.exit(1 if found else 0)
