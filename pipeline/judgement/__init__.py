"""Judgement: schemes, assessments and their cycle, objections, exclusions, rubrics, fairness."""
