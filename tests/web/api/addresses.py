"""Which line of the matrix governs each endpoint, written beside the marks of the views and not read from them.

A new endpoint has to be put here, and its mark must open it to the roles of that line and to no other.
"""

from __future__ import annotations

from records.access import MATRIX, Action
from records.vocabulary import Role

PUBLIC = """
    static plotly_asset.script icon.show sign_in.show sign_in.enter sign_in.leave sign_in.ask_code sign_in.give_code
    sign_in.go_to_office sign_in.return_from_office api.show_document house.health house.readiness open.index open.unit
    open.data
"""
EVERYBODY = """
    account.show account.password account.change_password account.enrol account.switch_on account.switch_off api.show_me
    api.show_job help.index methods.index notices.index notices.read inbox.index inbox.read overview.show search.show
    schemes.index schemes.show schemes.changes verify.index verify.check facts.show
"""
BY_ACTION = {
    Action.SEE_DIRECTORY: "units.directory directory.index posts.index calendars.index api.list_units api.list_schemes",
    Action.SEE_SCORECARD: """
        units.scorecard units.statistics units.trend assessments.index assessments.show assessments.trace
        api.list_assessments api.show_assessment api.show_scorecard objections.index objections.show objections.evidence
        bonuses.index bonuses.show api.list_bonuses api.show_bonus
    """,
    Action.SEE_RANKING: """
        ranking.show compare.show indicators.index indicators.show fairness.show assessments.changes map.show
        leadership.show leadership.years leadership.posts leadership.objections api.show_leadership api.show_years
        api.list_posts
        appraisals.index appraisals.show appraisals.text appraisals.download
    """,
    Action.SEE_METRICS: "numbers.index api.list_metrics",
    Action.SEE_CASES: "records.index records.show api.list_records api.show_record surges.show api.list_surges",
    Action.SEE_CASE_TEXT: "demands.index",
    Action.SEE_RATINGS: "samples.calls samples.sheet samples.protected_reports",
    Action.SEE_EXCLUSIONS: "exclusions.index exclusions.show samples.claimed",
    Action.SEE_FINDINGS: """
        findings.index findings.show findings.statistics samples.index samples.show samples.size api.list_findings
    """,
    Action.SEE_BATCHES: "batches.index batches.show api.list_batches api.show_batch layouts.index layouts.show",
    Action.SEE_AUDIT: "audit.index audit.export",
    Action.IMPORT: """
        uploads.index uploads.create uploads.check uploads.remap uploads.again uploads.cancel uploads.confirm
        uploads.accept uploads.confirming uploads.confirm_progress uploads.progress uploads.errors uploads.save_layout
        uploads.repair uploads.rows uploads.template batches.withdraw batches.restore batches.rest api.create_upload
        api.show_upload
        api.cancel_upload api.confirm_upload api.withdraw_batch api.restore_batch
    """,
    Action.EDIT_UNITS: """
        directory.unit directory.change directory.name directory.forget posts.add posts.end posts.remove
    """,
    Action.EDIT_CALENDARS: "calendars.keep calendars.check",
    Action.EDIT_SCHEMES: """
        drafts.index drafts.create drafts.show drafts.save drafts.changes drafts.entries drafts.save_entry
        drafts.save_rules drafts.simulate drafts.start_trial drafts.trial_progress drafts.step drafts.text
        drafts.save_text
        draft_weights.show draft_weights.judge
    """,
    Action.ASSESS: """
        assessments.create assessments.advance assessments.recount api.create_assessment api.advance_assessment
        appraisals.upload objections.decide rectification.decide rectification.propose rectification.open_tasks
        rectification.practices rectification.write_practice rectification.publish_practice rubrics.index rubrics.create
        rubrics.show rubrics.rate rubrics.enter samples.create samples.enter samples.take samples.record_protected
        report_texts.index report_texts.write findings.search findings.running findings.progress findings.assign
        findings.ask findings.decide findings.reopen
    """,
    Action.REQUEST_EXCLUSIONS: "exclusions.create exclusions.decide",  # `decide` also takes an own request back
    Action.PROPOSE_BONUSES: "bonuses.create bonuses.decide",  # as above; the use case asks for DECIDE_BONUSES
    Action.OBJECT: """
        objections.new objections.create objections.withdraw assessments.comment findings.asked findings.question
        findings.answer
    """,
    Action.SEE_RECTIFICATION: "rectification.index rectification.show api.list_tasks api.show_task",
    Action.RECTIFY: "rectification.hand_in",
    Action.MAKE_REPORTS: """
        reports.index reports.create reports.show reports.download reports.progress report_preview.show inbox.create
        inbox.end api.create_report api.show_report api.download_report
    """,
    Action.MANAGE_PEOPLE: """
        people.index people.add people.disable people.enable people.unbind people.person people.change_role
    """,
    Action.OPERATE: "house.metrics map.add map.remove",
}


def roles_of_endpoints() -> dict[str, frozenset[Role] | None]:
    """Who may open each endpoint: None for everybody in the world, else the roles that have the action."""
    found: dict[str, frozenset[Role] | None] = dict.fromkeys(PUBLIC.split())
    found |= dict.fromkeys(EVERYBODY.split(), frozenset(Role))
    for action, names in BY_ACTION.items():
        roles = frozenset(role for role, granted in MATRIX.items() if action in granted)
        twice = found.keys() & set(names.split())
        assert not twice, twice
        found |= dict.fromkeys(names.split(), roles)
    return found
