"""What was measured: figures with stable names, their aims, the table and the JSON."""

import json
import statistics


class Figures:
    def __init__(self):
        self.rows = []

    def add(self, name, value, unit, ratio=None, ratio_to=None, aim=None):
        """`aim`: like "<= 16", of the value, or "ratio >= 0.5", of the ratio."""
        self.rows.append(dict(name=name, value=value, unit=unit, ratio=ratio, ratio_to=ratio_to, aim=aim))

    def add_rounds(self, name, rounds, unit, base=None, base_name=None, aim=None):
        """The median of `rounds`; its ratio is the median of the rounds' own ratios, so that what
        disturbed a round disturbs both sides of it."""
        ratio = statistics.median(a / b for a, b in zip(rounds, base)) if base else None
        self.add(name, statistics.median(rounds), unit, ratio, base_name, aim)

    def json(self):
        figures = []
        for row in self.rows:
            figure = {key: row[key] for key in ("name", "value", "unit", "ratio", "ratio_to")}
            for key in ("value", "ratio"):
                figure[key] = None if figure[key] is None else round(figure[key], 4)
            figures.append(figure | {"aim": row["aim"], "reached": reached(row)})
        return json.dumps({"figures": figures}, indent=1) + "\n"

    def table(self):
        width = max((len(row["name"]) for row in self.rows), default=4)
        lines = [f"{'figure':<{width}} {'value':>11}  {'unit':<11} {'ratio':<30} {'aim':<15} reached"]
        for row in self.rows:
            ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f} of {row['ratio_to']}"
            verdict = {True: "yes", False: "NO", None: ""}[reached(row)]
            lines.append(
                f"{row['name']:<{width}} {shown(row['value']):>11}  {row['unit']:<11} {ratio:<30}"
                f" {row['aim'] or '':<15} {verdict}".rstrip())
        return "\n".join(lines)


def reached(row):
    """Whether the aim is reached; None where there is none."""
    if not row["aim"]:
        return None
    *of, operator, bound = row["aim"].split()
    value = row["ratio" if of else "value"]
    return {"<=": value <= float(bound), ">=": value >= float(bound), "<": value < float(bound)}[operator]


def shown(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" if value < 1 else f"{value:.2f}"
