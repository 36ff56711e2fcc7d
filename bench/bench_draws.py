"""Rank intervals of 10,000 units by 30 indicators and 1,000 draws, against eight seconds and a gigabyte."""

from __future__ import annotations

import numpy as np

from bench.measure import Ratio, report, run_apart

UNITS, INDICATORS, DRAWS = 10_000, 30, 1_000
BUDGET_SECONDS, BUDGET_MB = 8.0, 1_000.0
SEED = 20250101


def ratios() -> list[Ratio]:
    """Seconds and memory of one assessment against what they may be."""
    found = run_apart(__name__)
    note = f"{found.answer['cpu']:.1f} s of processor, {found.answer['scored']:,} units scored"
    return [
        Ratio(
            f"assessment of {UNITS:,} × {INDICATORS} × {DRAWS:,} draws", found.seconds, BUDGET_SECONDS, 1.0, note=note
        ),
        Ratio("its memory", found.peak_mb, BUDGET_MB, 1.0, "MB"),
    ]


def main() -> None:
    """Judge invented units: counts of 30 to 900 cases, true rates around three quarters."""
    from evaluation.assess import assess
    from evaluation.rules.scheme import load
    from evaluation.scores.observations import AssessedUnit, Observation

    rng = np.random.default_rng(SEED)
    codes = [f"i{number:02d}" for number in range(INDICATORS)]
    units = [AssessedUnit(f"U{number:05d}", f"U{number:05d}", "all") for number in range(UNITS)]
    cases = np.exp(rng.uniform(np.log(30), np.log(900), UNITS)).astype(int)
    values = []
    for code in codes:
        hits = rng.binomial(cases, np.clip(rng.normal(0.75, 0.08, UNITS), 0.3, 0.99))
        values += [
            Observation(unit.code, code, k / n, float(k), float(n), n=int(n))
            for unit, n, k in zip(units, cases, hits, strict=True)
        ]
    scheme = load(_scheme(codes))

    def work() -> dict:
        result = assess(scheme, values, units, period="2024", seed=SEED, draws=DRAWS)
        return {"scored": sum(unit.score is not None for unit in result.units)}

    report(work)


def _scheme(codes: list[str]) -> str:
    table = '[[indicator]]\ncode = "{}"\nweight = {}\nmethod = "goalposts"\nzero = 0.3\nfull = 1.0\n'
    weights = [4.0 if number < 10 else 3.0 for number in range(len(codes))]
    head = 'id = "draws"\nversion = "1"\ntitle = { zh = "抽样", en = "Draws" }\n'
    cuts = '[grades]\ncuts = [["A", 85], ["B", 75], ["C", 65], ["D", 0]]\n'
    return head + "".join(table.format(code, weight) for code, weight in zip(codes, weights, strict=True)) + cuts


if __name__ == "__main__":
    main()
