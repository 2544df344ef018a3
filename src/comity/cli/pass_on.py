# SPDX-License-Identifier: Apache-2.0
"""``comity pass-on``: to a third agency what another told, with that agency's consent."""

import click

from comity.cli.call import Call, acting
from comity.cli.case import REF, TO, language_of
from comity.cli.done import say_done
from comity.cli.narrowing import Changed, with_changes
from comity.cli.readers import say_readers
from comity.cli.session import seated
from comity.cli.values import VALUE, need
from comity.domain.onward import WIDEST
from comity.domain.statement import Basis
from comity.knowledge.codes import bases, purposes
from comity.language.marks import marked
from comity.services.pass_on import Onward, draft_pass_on

_PASSED = marked("It is passed on as it was signed, with what lets you, and kept.")


@click.command()
@click.argument("thread")
@click.option("--to", type=VALUE, default="", metavar="WHO", help="To whom: country/desk.")
@click.option("--ref", type=VALUE, default="", help="Your own file number.")
@click.option("--act", default="", metavar="ID", help="Which message. Default: the newest told.")
@click.option("--remark", type=VALUE, default="", help="What they should know beside it.")
@click.option(
    "--use",
    type=click.Choice(tuple(purposes())),
    default="intelligence",
    show_default=True,
    help="What they will use it for.",
)
@with_changes
@click.option("--no-files", is_flag=True, help="Leave the files out.")
@click.option(
    "--basis",
    type=click.Choice(tuple(bases())),
    default="untoc-18-4",
    show_default=True,
    help="On what legal basis.",
)
@click.option("--basis-text", type=VALUE, default="", help="With other: which.")
@click.option("--mandate", default="", metavar="ID", help="Default: one that covers it.")
@click.option("--language", default="", metavar="TAG", help="Of your text. Default: yours.")
@click.option("--desk", type=VALUE, default="", help="For which of your desks you sign.")
@click.option("--bar", "bars", multiple=True, type=VALUE, help="Who may never see it; repeat.")
@click.option("--old-keys-reason", type=VALUE, default="", help="Why their old list will do.")
@click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
@acting
def pass_on(
    call: Call,
    *,
    thread: str,
    to: str,
    ref: str,
    act: str,
    remark: str,
    use: str,
    changed: Changed,
    no_files: bool,
    basis: str,
    basis_text: str,
    mandate: str,
    language: str,
    desk: str,
    bars: tuple[str, ...],
    old_keys_reason: str,
    dry_run: bool,
) -> None:
    """Pass on to a third agency what another told you.

    It goes as it was signed in THREAD. Whoever told it decides whether it goes further: where he
    wants to be asked, nothing is sent without his signed consent (comity consent ask). What you
    say here about handling only narrows.
    """
    with seated(call) as seat:
        onward = Onward(
            to=need(call, to, TO),
            ref=need(call, ref, REF),
            act=act,
            remark=remark,
            use=use,
            handling=changed(WIDEST),
            files=not no_files,
            basis=Basis(code=basis, text=basis_text),
            mandate=mandate,
            language=language or language_of(seat),
            desk=desk,
            bars=bars,
            roster_reason=old_keys_reason,
        )
        if dry_run:
            draft = draft_pass_on(seat.unlocked, seat.house, seat.find(thread), onward)
            say_readers(call, seat, seat.preview(draft))
        else:
            say_done(call, seat, seat.pass_on(thread, onward), _PASSED)
