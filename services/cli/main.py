"""The `ancora` command's words and options; each command's work is in a file of its own, loaded only when it is asked for."""

# ruff: noqa: PLC0415 - loading everything takes seconds, which `ancora down` or `ancora --help` need not take
from __future__ import annotations

from typing import Annotated

import typer

from contracts.operations_codes import DiscardReason, RetryReason

app = typer.Typer(
    help="Ancora: the integration of refugees in Italy, as events. Start with `ancora up`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Seed = Annotated[int, typer.Option(help="the same seed gives the same caseload")]
Persons = Annotated[int, typer.Option(min=1, max=5000, help="how many persons the caseload has")]
parked = typer.Typer(
    help="See what could not be handled and waits for a person, and decide about it. Calls the services as an administrator.",
    no_args_is_help=True,
)
app.add_typer(parked, name="parked")

keys = typer.Typer(help="Rotate keys, beside the running services. Cut off and run again, a rotation goes on.", no_args_is_help=True)
app.add_typer(keys, name="keys")

Service = Annotated[str, typer.Argument(help="intake, pathways, tutors or reporting")]
ParkedId = Annotated[int, typer.Argument(min=1, help="the number under which `ancora parked list` shows it")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON for a program to read")]


@app.callback()
def ancora() -> None:
    """Say before any command that what the machinery logs goes to standard error."""
    from services.cli.console import keep_logs_apart

    keep_logs_apart()


@app.command()
def up(
    *,
    detach: Annotated[bool, typer.Option("--detach", help="return when everything is ready; `ancora down` ends it")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="remove this checkout's data first")] = False,
    persons: Persons = 420,
    seed: Seed = 2020,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="start empty, without the demonstration caseload")] = False,
    keycloak: Annotated[bool, typer.Option("--keycloak", help="sign people in by a Keycloak of this machine; then no caseload")] = False,
) -> None:
    """Start Kafka, PostgreSQL, the issuer and the four services, and fill them with the demonstration caseload.

    Existing servers are used instead where ANCORA_POSTGRES, ANCORA_KAFKA and ANCORA_ISSUER are set; then there is no caseload.
    """
    from services.cli import up

    up.run(detach=detach, reset=reset, persons=persons, seed=seed, with_demo=not no_demo, keycloak=keycloak)


@app.command()
def down() -> None:
    """End what runs in this checkout, in order. Data stays; `ancora up` goes on with it."""
    from services.cli import down

    down.run()


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Show the services, their feeds, lags and parked records, and the read models. Exit 1 where something does not run."""
    from services.cli import status

    status.run(as_json=as_json)


@app.command()
def demo(*, seed: Seed = 2020, persons: Persons = 420) -> None:
    """Live a generated caseload through the public APIs; cut off and run again, it goes on."""
    from services.cli import demo

    demo.run(seed=seed, persons=persons)


@app.command()
def rebuild(
    models: Annotated[list[str], typer.Argument(help="names of read models as `ancora status` shows them; or all")],
) -> None:
    """Build read models anew from their events beside the old ones; each is swapped when it has caught up."""
    from services.cli import rebuild

    rebuild.run(models)


@app.command()
def republish(feed: Annotated[str, typer.Argument(help="a service, or the records of its reads (intake.access); or all")]) -> None:
    """Relay a feed to Kafka again, all generations in order; who has an event already drops the repeat."""
    from services.cli import republish

    republish.run(feed)


@app.command()
def reopen(
    feed: Annotated[str, typer.Argument(help="a service, or the records of its reads (intake.access); or all")],
    *,
    give_up: Annotated[bool, typer.Option("--give-up", help="keep what the store recorded since, and give up what contradicts it")] = False,
    as_json: AsJson = False,
) -> None:
    """After a store was restored from a backup: take back what the journal holds of it, say what is lost, open a new generation.

    The services must be down. Where the store went on after its restore and contradicts what was seen, nothing is changed.
    """
    from services.cli import reopen

    reopen.run(feed, given_up=give_up, as_json=as_json)


@app.command()
def verify(
    *,
    coverage: Annotated[bool, typer.Option("--coverage", help="find also each type of event that was never recorded")] = False,
    as_json: AsJson = False,
) -> None:
    """Recompute every digest and chain; compare store, feed, Kafka and journal, and the read models by hash. Exit 1 on a finding."""
    from services.cli import verify

    verify.run(as_json=as_json, coverage=coverage)


@app.command()
def bench(
    *,
    as_json: AsJson = False,
    only: Annotated[list[str] | None, typer.Option(help="only this measure; may be given again", metavar="NAME")] = None,
) -> None:
    """Measure each part beside its floor or peer in the same run, on servers of its own. Exit 1 where a bar is not cleared."""
    from services.cli import bench

    bench.run(as_json=as_json, only=only or [])


@parked.command("list")
def parked_list(*, as_json: AsJson = False) -> None:
    """List what is parked in all services, and what holds back what."""
    from services.cli import parked

    parked.show_all(as_json=as_json)


@parked.command("show")
def parked_show(service: Service, parked_id: ParkedId, *, as_json: AsJson = False) -> None:
    """Show where a parked record came from, what it carries and why it waits; never a value of it."""
    from services.cli import parked

    parked.show_one(service, parked_id, as_json=as_json)


@parked.command("retry")
def parked_retry(
    service: Service, parked_id: ParkedId, reason: Annotated[RetryReason, typer.Option(help="why it is worth trying again; it is recorded")]
) -> None:
    """Have the service react to a parked event again, then to all that waited behind it. Exit 1 where it fails still."""
    from services.cli import parked

    parked.retry(service, parked_id, reason)


@parked.command("discard")
def parked_discard(
    service: Service, parked_id: ParkedId, reason: Annotated[DiscardReason, typer.Option(help="why it can go; it is recorded")]
) -> None:
    """Take a parked record away for good, and have the service react to what waited behind it."""
    from services.cli import parked

    parked.discard(service, parked_id, reason)


@keys.command("rotate")
def keys_rotate(
    service: Annotated[str, typer.Argument(help="intake, pathways, tutors or reporting; or all")],
    *,
    person: Annotated[str | None, typer.Option(help="only the keys of the person with this id", metavar="ID")] = None,
) -> None:
    """Give persons fresh keys and seal anew what theirs have sealed. No event, digest or commitment changes. Takes five minutes or more."""
    from services.cli import keys

    keys.rotate(service, person=person)


@keys.command("rotate-kek")
def keys_rotate_kek(service: Annotated[str, typer.Argument(help="intake, pathways, tutors or reporting; or all")]) -> None:
    """Wrap all keys of persons by a fresh key-encryption key, and take the one before out of its file."""
    from services.cli import keys

    keys.rotate_kek(service)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run all tests, in two processes; with arguments run pytest with them instead."""
    from services.cli import testing

    testing.run(context.args)


def run() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    run()
