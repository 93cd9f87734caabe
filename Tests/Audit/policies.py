"""The shipped policies, held against the figures of a report in whole counts."""

import glob
import os
import re
from fractions import Fraction

import forms

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Config", "policies")


def shipped():
    """By name its rules and bands, each as a dictionary of texts."""
    out = {}
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.yaml"))):
        rules, bands = [], []
        with open(path, encoding="utf-8") as file:
            for line in file:
                found = re.match(r"\s+- \{(.*)\}", line)
                if found:
                    one = dict(re.findall(r'(\w+): "?([^,"}\s]+)"?', found.group(1)))
                    (rules if "at_least" in one else bands).append(one)
        out[os.path.basename(path)[:-5]] = (rules, bands)
    return out


def figure_of(out, metric):
    """A figure for forms that the register states nothing for is missing, and neither met nor unmet."""
    return out.get("metrics/" + metric, (0, 0, None) if metric in forms.KEYS else None)


def is_in(band, n, d):
    """Whether a ratio lies in a step: `from` and `up_to` include their end, `above` and `below` do not."""
    above = 100 * n >= Fraction(band["from"]) * d if "from" in band else 100 * n > Fraction(band["above"]) * d
    return above and (100 * n <= Fraction(band["up_to"]) * d if "up_to" in band
                      else 100 * n < Fraction(band["below"]) * d)


def hold(out):
    """Adds to a report's figures what the policies say of them."""
    for name, (rules, bands) in shipped().items():
        met = []
        for rule in rules:
            figure = figure_of(out, rule["metric"])
            if figure is None:
                met.append("?")
                continue
            n, d, _ = figure
            wanted = Fraction(rule["at_least"]) * d / 100
            met.append(None if d == 0 else n >= wanted)
            path = "policies/%s/%s/" % (name, rule["metric"])
            out[path + "met"] = met[-1]
            out[path + "missing"] = 0 if d == 0 else max(0, -(-wanted.numerator // wanted.denominator) - n)
        if "?" not in met and met:
            out["policies/%s/met" % name] = False if False in met else None if None in met else True
        for metric in {band["metric"] for band in bands}:
            n, d, _ = figure_of(out, metric)
            found = None
            for band in bands:
                if band["metric"] == metric and d and is_in(band, n, d):
                    found = band["name"]
            out["policies/%s/%s/band" % (name, metric)] = found
