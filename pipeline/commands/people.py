"""`wenxiao users` and `wenxiao token`."""

from __future__ import annotations

import sys

import click

from pipeline.commands.common import instance_from, json_option, print_json, print_table, who_runs
from records.vocabulary import Role

ROLES = click.Choice([role.value for role in Role])
password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; otherwise a random one is made."
)
COLUMNS = ["sign_in", "name", "role", "unit_code", "is_active", "last_sign_in_at"]


@click.group("users")
def users() -> None:
    """Accounts of people: add, list, role, disable, enable, reset, unbind.

    Example: wenxiao users add li --name 李明 --role assessor
    """


@users.command("add")
@click.argument("sign_in")
@click.option("--name", required=True, help="Name shown on pages.")
@click.option("--role", required=True, type=ROLES)
@click.option("--unit", "unit_code", help="Code of the unit; needed for a unit head.")
@click.option("--language", type=click.Choice(["zh", "en"]))
@click.option("--survey-role", "has_survey_role", is_flag=True, help="May read single ratings; each read is logged.")
@password_option
@json_option
@click.pass_context
def add(
    ctx: click.Context,
    sign_in: str,
    name: str,
    role: str,
    unit_code: str | None,
    language: str | None,
    has_survey_role: bool,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Add an account and print its password once.

    Example: wenxiao users add li --name 李明 --role assessor
    """
    from pipeline.house import people

    password = people.add_person(
        instance_from(ctx), sign_in=sign_in, name=name, role=Role(role), unit_code=unit_code, language=language,
        has_survey_role=has_survey_role, password=_given(password_stdin), by=who_runs(),
    )  # fmt: skip
    _show_password(sign_in, password, password_stdin, as_json)


@users.command("list")
@json_option
@click.pass_context
def list_people_command(ctx: click.Context, as_json: bool) -> None:
    """List the accounts.

    Example: wenxiao users list --json
    """
    from records.access import OPERATOR
    from records.queries.people import list_people

    with instance_from(ctx).session() as session:
        found = list_people(session, viewer=OPERATOR)
    if as_json:
        print_json({"users": found})
    else:
        print_table([vars(person) for person in found], COLUMNS)


@users.command("role")
@click.argument("sign_in")
@click.option("--role", required=True, type=ROLES)
@click.option("--unit", "unit_code", help="Code of the unit; needed for a unit head.")
@click.option("--survey-role/--no-survey-role", "has_survey_role", help="May read single ratings; each read is logged.")
@click.pass_context
def give_role(ctx: click.Context, sign_in: str, role: str, unit_code: str | None, has_survey_role: bool) -> None:
    """Give an account another role; what it had before stays in the audit trail.

    Example: wenxiao users role li --role auditor
    """
    from pipeline.house import people

    people.set_role(
        instance_from(ctx), sign_in=sign_in, role=Role(role), unit_code=unit_code, has_survey_role=has_survey_role,
        by=who_runs(),
    )  # fmt: skip


@users.command("disable")
@click.argument("sign_in")
@click.pass_context
def disable(ctx: click.Context, sign_in: str) -> None:
    """Shut an account; its history stays.

    Example: wenxiao users disable li
    """
    from pipeline.house import people

    people.set_active(instance_from(ctx), sign_in=sign_in, is_active=False, by=who_runs())


@users.command("enable")
@click.argument("sign_in")
@click.pass_context
def enable(ctx: click.Context, sign_in: str) -> None:
    """Open a shut account again.

    Example: wenxiao users enable li
    """
    from pipeline.house import people

    people.set_active(instance_from(ctx), sign_in=sign_in, is_active=True, by=who_runs())


@users.command("reset")
@click.argument("sign_in")
@password_option
@json_option
@click.pass_context
def reset(ctx: click.Context, sign_in: str, password_stdin: bool, as_json: bool) -> None:
    """Set a new password, unlock the account and end its sessions.

    Example: wenxiao users reset li
    """
    from pipeline.house import people

    password = people.reset_password(
        instance_from(ctx), sign_in=sign_in, password=_given(password_stdin), by=who_runs()
    )
    _show_password(sign_in, password, password_stdin, as_json)


@users.command("unbind")
@click.argument("sign_in")
@json_option
@click.pass_context
def unbind(ctx: click.Context, sign_in: str, as_json: bool) -> None:
    """Forget whom an account is bound to at the office's single sign-on; the next one of that name binds it anew.

    Example: wenxiao users unbind li
    """
    from pipeline.house import single_sign_on

    was_bound = single_sign_on.unbind(instance_from(ctx), sign_in=sign_in, by=who_runs())
    if as_json:
        print_json({"sign_in": sign_in, "was_bound": was_bound})
    else:
        click.echo(f"{sign_in} {'is free again' if was_bound else 'was not bound'}")


@click.command("token")
@click.argument("sign_in")
@click.option("--title", default="token", show_default=True, help="What the token is for.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1), help="Days until it ends.")
@click.option("--revoke", is_flag=True, help="End the tokens of this person with this title instead.")
@json_option
@click.pass_context
def token(ctx: click.Context, sign_in: str, title: str, days: int, revoke: bool, as_json: bool) -> None:
    """Make a token that lets a program act as a person; it is shown once.

    Example: wenxiao token li --title "nightly import"
    """
    from pipeline.house import people

    instance = instance_from(ctx)
    if revoke:
        count = people.revoke_tokens(instance, sign_in=sign_in, title=title, by=who_runs())
        if as_json:
            print_json({"revoked": count})
        else:
            click.echo(f"{count} revoked")
        return
    made = people.make_token(instance, sign_in=sign_in, title=title, days=days, by=who_runs())
    if as_json:
        print_json({"sign_in": sign_in, "title": title, "token": made})
    else:
        click.echo(made)


def _given(is_from_input: bool) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if is_from_input else None


def _show_password(sign_in: str, password: str, was_given: bool, as_json: bool) -> None:
    if as_json:
        print_json({"sign_in": sign_in, "password": None if was_given else password})
    elif not was_given:
        click.echo(f"{sign_in}\t{password}")


commands = [users, token]
