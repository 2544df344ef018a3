# SPDX-License-Identifier: Apache-2.0
"""Any k of n shares give the secret back, fewer tell nothing of it, and a wrong one is refused."""

import itertools
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.crypto import sharing
from comity.crypto.sharing import Share
from comity.errors import Differs, Malformed, Misused, Refused, Unavailable

SECRET = bytes(range(32))
WORDS = sharing.split(SECRET, needed=3, holders=5)
SHARES = [sharing.read(each) for each in WORDS]

# SLIP-39's own vectors (github.com/trezor/python-shamir-mnemonic, vectors.json): a set of two of
# three of 128 bits, and one of 256.
TWO_OF_THREE = (
    (
        "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist "
        "rescue view short owner flip making coding armed"
    ),
    (
        "shadow pistol academic acid actress prayer class unknown daughter sweater depict flip twice "
        "unkind craft early superior advocate guest smoking"
    ),
)
LONG = (
    (
        "humidity disease academic always aluminum jewelry energy woman receiver strategy amuse "
        "duckling lying evidence network walnut tactics forget hairy rebound impulse brother survive "
        "clothes stadium mailman rival ocean reward venture always armed unwrap"
    ),
    (
        "humidity disease academic agency actress jacket gross physics cylinder solution fake mortgage "
        "benefit public busy prepare sharp friar change work slow purchase ruler again tricycle "
        "involve viral wireless mixture anatomy desert cargo upgrade"
    ),
)
REFUSED = {
    "alone": "duckling enlarge academic academic agency result length solution fridge kidney coal "
    "piece deal husband erode duke ajar critical decision keyboard",
    "checksum": "duckling enlarge academic academic agency result length solution fridge kidney "
    "coal piece deal husband erode duke ajar critical decision kidney",
    "padding": "duckling enlarge academic academic email result length solution fridge kidney coal "
    "piece deal husband erode duke ajar music cargo fitness",
    "groups": "eraser senior beard romp adorn nuclear spill corner cradle style ancient family "
    "general leader ambition exchange unusual garlic promise voice",
    "length": "junk necklace academic academic acne isolate join hesitate lunar roster dough "
    "calcium chemical ladybug amount mobile glasses verify cylinder",
    "small": "fraction necklace academic academic award teammate mouse regular testify coding "
    "building member verdict purchase blind camera duration email prepare spirit quarter",
    "word": "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang "
    "wrist rescue view short owner flip making coding comity",
    "empty": "",
}


@pytest.mark.parametrize("chosen", list(itertools.combinations(range(5), 3)))
def test_any_three_of_five_give_it_back(chosen: tuple[int, ...]) -> None:
    assert sharing.join([SHARES[each] for each in chosen]) == SECRET


def test_more_than_enough_are_enough() -> None:
    assert sharing.join(SHARES) == SECRET


@settings(max_examples=25)
@given(secret=st.binary(min_size=32, max_size=32), data=st.data())
def test_whatever_is_split_is_joined(secret: bytes, data: st.DataObject) -> None:
    holders = data.draw(st.integers(min_value=2, max_value=16))
    needed = data.draw(st.integers(min_value=2, max_value=holders))
    shares = [sharing.read(w) for w in sharing.split(secret, needed=needed, holders=holders)]

    assert sharing.join(data.draw(st.permutations(shares))[:needed]) == secret


def test_two_splits_of_one_secret_have_nothing_in_common() -> None:
    again = sharing.split(SECRET, needed=3, holders=5)

    assert not set(again) & set(WORDS)


def test_too_few_give_nothing() -> None:
    for chosen in itertools.chain(*(itertools.combinations(SHARES, n) for n in range(3))):
        with pytest.raises(Refused) as refused:
            sharing.join(chosen)
        assert refused.value.cause == "refused.recovery.too-few"


def test_one_share_twice_is_no_second() -> None:
    with pytest.raises(Refused) as refused:
        sharing.join([SHARES[0], SHARES[1], SHARES[0]])

    assert refused.value.cause == "refused.recovery.repeated"
    assert refused.value.values == {"share": 1}


def test_shares_of_two_sets_are_told_apart_by_place() -> None:
    other = [sharing.read(each) for each in LONG]

    with pytest.raises(Refused) as refused:
        sharing.join([SHARES[0], SHARES[1], other[0]])

    assert refused.value.cause == "refused.recovery.mixed"
    assert refused.value.values == {"place": 3}


def test_a_share_that_was_made_up_makes_another_secret_and_is_refused() -> None:
    library = sys.modules["shamir_mnemonic"]
    told = library.Share.from_mnemonic(WORDS[2])
    forged = library.Share(**{**vars(told), "value": bytes(32)}).mnemonic()

    with pytest.raises(Differs) as refused:
        sharing.join([SHARES[0], SHARES[1], sharing.read(forged)])

    assert refused.value.cause == "untrusted.differs.shares"


@pytest.mark.parametrize("words", [TWO_OF_THREE, LONG])
def test_the_standards_own_shares_are_read_and_joined(words: tuple[str, str]) -> None:
    shares = [sharing.read(each) for each in words]

    assert [each.needed for each in shares] == [2, 2]
    assert len({each.set for each in shares}) == 1
    # They are under the passphrase TREZOR, so what comes out is another secret, of their length.
    assert len(sharing.join(shares)) == (16 if words is TWO_OF_THREE else 32)


@pytest.mark.parametrize("why", sorted(REFUSED))
def test_what_is_no_share_of_ours_is_refused_and_not_repeated(why: str) -> None:
    with pytest.raises(Malformed) as refused:
        sharing.read(REFUSED[why])

    assert refused.value.cause == "untrusted.malformed.share"
    assert not refused.value.values
    assert refused.value.__cause__ is None


def test_a_share_that_asks_for_endless_work_is_refused_without_it() -> None:
    library = sys.modules["shamir_mnemonic"]
    told = library.Share.from_mnemonic(WORDS[0])
    slow = library.Share(**{**vars(told), "iteration_exponent": 15}).mnemonic()

    with pytest.raises(Malformed):
        sharing.read(slow)


def test_a_long_text_is_refused_unread() -> None:
    with pytest.raises(Malformed):
        sharing.read(f"{WORDS[0]} {WORDS[1]} {WORDS[2]}")


@pytest.mark.parametrize(("needed", "holders"), [(1, 1), (1, 5), (6, 5), (2, 17), (0, 3)])
def test_numbers_that_protect_nothing_are_refused(needed: int, holders: int) -> None:
    with pytest.raises(Misused) as refused:
        sharing.split(SECRET, needed=needed, holders=holders)

    assert refused.value.cause == "usage.recovery.threshold"


@pytest.mark.parametrize("size", [0, 15, 17, 34])
def test_secrets_of_another_size_are_not_split(size: int) -> None:
    with pytest.raises(ValueError, match="bytes"):
        sharing.split(bytes(size), needed=2, holders=3)


def test_a_share_never_shows_its_words() -> None:
    assert WORDS[0] not in repr(SHARES[0])
    assert repr(SHARES[0]) == repr(Share(words="", set=SHARES[0].set, number=1, needed=3))


def test_without_the_library_it_is_said_which_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shamir_mnemonic", None)

    with pytest.raises(Unavailable) as missing:
        sharing.split(SECRET, needed=2, holders=3)

    assert missing.value.cause == "unavailable.recovery.library"
