"""case.toml: whatever a file is called and whatever stands there already, a statement comes back as it was made."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from syncview.case import Moment, Pin, Reject, parse_case, with_pin, with_reject

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
TIMES_S = st.floats(min_value=0.0, max_value=1e6, allow_nan=False)
NOTES = st.none() | st.text(st.characters(exclude_categories=["Cs"]))


@given(a=NAMES, b=NAMES, a_s=TIMES_S, b_s=TIMES_S, uncertainty_s=TIMES_S, author=NOTES, note=NOTES)
def test_a_pin_comes_back(a, b, a_s, b_s, uncertainty_s, author, note):
    if a == b:
        b += "'"
    pin = Pin(
        a=Moment(file=a, time_s=a_s),
        b=Moment(file=b, time_s=b_s),
        uncertainty_s=uncertainty_s,
        author=author,
        note=note,
    )
    assert parse_case(with_pin("", pin)).pins == (pin,)


@given(names=st.lists(st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1]), max_size=5), comment=NAMES)
def test_statements_do_not_disturb_each_other(names, comment):
    text = "".join(f"# {line}\n" for line in comment.splitlines() if line.isprintable()) + "[case]\ntitle = 'x'\n"
    start = text
    for a, b in names:
        longer = with_reject(text, Reject(a=a, b=b))
        assert longer.startswith(text)
        text = longer
    assert text.startswith(start)
    assert tomllib.loads(text)["case"] == {"title": "x"}
    assert {frozenset((each.a, each.b)) for each in parse_case(text).rejects} == {frozenset(pair) for pair in names}
