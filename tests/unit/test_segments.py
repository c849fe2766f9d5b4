"""E-mail segments: the plain text they make, and the faithful way back from it."""

from __future__ import annotations

import random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blossomer.entities.segments import (
    SEGMENT_TYPES,
    Segment,
    SegmentKind,
    body_text,
    normalised_text,
    paragraphs,
    segments_from_text,
)

KINDS: list[SegmentKind] = list(get_args(SegmentKind))


def segment(id_: str, kind: SegmentKind, text: str) -> Segment:
    return {"id": id_, "type": kind, "text": text}


GREETING = segment("g", "greeting", "Hi {{first_name}},")
INTRO = segment("i", "intro", "Most warehouses plan their shifts on Friday afternoon.")
PAIN = segment("p", "pain-point", "By Monday half of the plan is wrong, and someone drives in.")
CTA = segment("c", "cta", "Would it help to see tomorrow's gaps today?")
SIGNATURE = segment("s", "signature", "Best,\n\nRuth\nShiftwise")
EMAIL = [GREETING, INTRO, PAIN, CTA, SIGNATURE]


def shape(segments: list[Segment]) -> list[tuple[str, str]]:
    return [(one["id"], one["type"]) for one in segments]


def edited(*texts: str) -> list[Segment]:
    text = "\n\n".join(texts)
    result = segments_from_text(text, EMAIL)
    assert body_text(result) == normalised_text(text)
    return result


def texts(*segments: Segment) -> list[str]:
    return [one["text"] for one in segments]


def test_each_kind_has_words_and_a_colour_of_its_own() -> None:
    assert list(SEGMENT_TYPES) == KINDS
    assert len({kind.colour for kind in SEGMENT_TYPES.values()}) == len(KINDS)
    assert len({kind.label for kind in SEGMENT_TYPES.values()}) == len(KINDS)
    assert all(kind.purpose.endswith(".") for kind in SEGMENT_TYPES.values())


def test_a_body_is_the_texts_with_blank_lines_between_them() -> None:
    assert body_text([GREETING, segment("e", "custom", "  \n"), CTA]) == (
        "Hi {{first_name}},\n\nWould it help to see tomorrow's gaps today?"
    )
    assert body_text([]) == ""


def test_line_ends_and_blank_lines_are_made_alike() -> None:
    assert paragraphs("\r\n a \r\nb\r\n \t\r\n\r\n\rc\n") == [" a\nb", "c"]


def test_nothing_changed() -> None:
    assert edited(*texts(*EMAIL)) == EMAIL


@pytest.mark.parametrize("text", ["Hi\r\n\r\n\r\n\r\nthere  ", "a\n \nb", "\n\na", "", " \n "])
def test_white_space_that_is_not_shown_survives(text: str) -> None:
    previous = [GREETING, segment("x", "emphasis", text), CTA]
    assert segments_from_text(body_text(previous), previous) == previous


def test_the_result_is_a_copy() -> None:
    result = edited(*texts(*EMAIL))
    result[0]["text"] = "changed"
    assert GREETING["text"] == "Hi {{first_name}},"


def test_a_changed_paragraph_keeps_its_identity() -> None:
    result = edited(*texts(GREETING, INTRO), "By Monday the plan is wrong.", *texts(CTA, SIGNATURE))
    assert shape(result) == shape(EMAIL)
    assert result[2]["text"] == "By Monday the plan is wrong."


def test_a_paragraph_written_anew_in_its_place_keeps_its_identity() -> None:
    result = edited(*texts(GREETING, INTRO), "Completely other words.", *texts(CTA, SIGNATURE))
    assert shape(result) == shape(EMAIL)


def test_every_paragraph_written_anew() -> None:
    result = edited("Hello,", "one", "two", "three?", "Yours,", "me")
    assert shape(result) == shape(EMAIL)
    assert result[-1]["text"] == "Yours,\n\nme"


def test_an_inserted_paragraph_is_custom() -> None:
    result = edited(*texts(GREETING, INTRO), "An added thought.", *texts(PAIN, CTA, SIGNATURE))
    assert shape(result)[:2] + shape(result)[3:] == shape(EMAIL)
    assert result[2]["type"] == "custom"
    assert result[2]["id"] not in {one["id"] for one in EMAIL}


def test_two_inserted_paragraphs_are_two_segments() -> None:
    result = edited("First.", "Second.", *texts(*EMAIL))
    assert [one["type"] for one in result[:2]] == ["custom", "custom"]
    assert result[0]["id"] != result[1]["id"]
    assert result[2:] == EMAIL


def test_inserted_beside_a_changed_one() -> None:
    new = "By Monday half of the plan is wrong."
    result = edited(*texts(GREETING, INTRO), "An added thought.", new, *texts(CTA, SIGNATURE))
    assert [kind for _, kind in shape(result)[2:4]] == ["custom", "pain-point"]
    assert result[3]["id"] == "p"


def test_a_deleted_paragraph_vanishes() -> None:
    assert edited(*texts(GREETING, INTRO, CTA, SIGNATURE)) == [GREETING, INTRO, CTA, SIGNATURE]
    assert edited("") == []


def test_reordered_paragraphs_keep_their_identity() -> None:
    assert edited(*texts(GREETING, CTA, PAIN, INTRO, SIGNATURE)) == [
        GREETING,
        CTA,
        PAIN,
        INTRO,
        SIGNATURE,
    ]


def test_moved_and_changed_at_once() -> None:
    new = "Most warehouses plan their shifts on Thursday afternoon."
    result = edited(*texts(GREETING, PAIN, CTA), new, SIGNATURE["text"])
    assert [id_ for id_, _ in shape(result)] == ["g", "p", "c", "i", "s"]


def test_a_segment_of_two_paragraphs_is_cut_in_two() -> None:
    result = edited(*texts(GREETING, INTRO, PAIN, CTA), "Best,", "P.S. Anything", "Ruth\nShiftwise")
    assert [kind for _, kind in shape(result)[4:]] == ["signature", "custom", "signature"]
    assert result[4]["id"] == "s"
    assert len({id_ for id_, _ in shape(result)}) == len(result)


def test_a_change_inside_a_segment_of_two_paragraphs() -> None:
    result = edited(*texts(GREETING, INTRO, PAIN, CTA), "Best,", "Ruth Adler\nShiftwise")
    assert shape(result) == shape(EMAIL)
    assert result[-1]["text"] == "Best,\n\nRuth Adler\nShiftwise"


def test_two_paragraphs_made_one() -> None:
    result = edited(GREETING["text"], INTRO["text"] + " " + PAIN["text"], *texts(CTA, SIGNATURE))
    assert [id_ for id_, _ in shape(result)] == ["g", "p", "c", "s"]


def test_equal_paragraphs_keep_their_order() -> None:
    previous = [segment(str(n), kind, "same") for n, kind in enumerate(KINDS)]
    assert segments_from_text("same\n\nsame", previous) == previous[:2]
    assert segments_from_text(body_text(previous), previous) == previous


def test_empty_segments_stay_behind_what_they_followed() -> None:
    empty = segment("e", "social-proof", "")
    previous = [empty, GREETING, {**empty, "id": "f"}, CTA]
    result = segments_from_text("Hello {{first_name}},\n\n" + CTA["text"], previous)
    assert [id_ for id_, _ in shape(result)] == ["e", "g", "f", "c"]


def test_new_ids_were_never_in_use() -> None:
    previous = [segment("segment-2", "intro", "one"), segment("segment-3", "cta", "two")]
    result = segments_from_text("one\n\nx\n\ny\n\ntwo", previous)
    assert [id_ for id_, _ in shape(result)] == ["segment-2", "segment-4", "segment-5", "segment-3"]


def test_a_very_long_text_takes_no_time() -> None:
    previous = [segment(str(n), "custom", "a" if n % 3 else f"word {n}") for n in range(3_000)]
    assert segments_from_text(body_text(previous), previous) == previous
    shuffled = body_text(previous).split("\n\n")
    random.Random(1).shuffle(shuffled)
    text = "\n\n".join(shuffled)
    assert body_text(segments_from_text(text, previous)) == text


PARAGRAPH = st.sampled_from(
    ["one", "two words", "Three more words", "Best,", "a b c d", "a b c e", "Ruth\nShiftwise"]
)
MESSY = st.one_of(
    st.text(alphabet="ab \n\r\t\x0b\u2028.", max_size=20),
    st.lists(PARAGRAPH, max_size=3).map("\n\n".join),
    st.text(max_size=20),
)


@st.composite
def bodies(draw: st.DrawFn) -> list[Segment]:
    drawn = draw(st.lists(st.tuples(st.sampled_from(KINDS), MESSY), max_size=8))
    return [segment(f"id-{n}", kind, text) for n, (kind, text) in enumerate(drawn)]


@given(bodies())
def test_unchanged_text_gives_the_same_segments(previous: list[Segment]) -> None:
    assert segments_from_text(body_text(previous), previous) == previous


@given(bodies(), st.one_of(MESSY, st.lists(MESSY, max_size=8).map("\n\n".join)))
def test_any_text_comes_back_whole(previous: list[Segment], text: str) -> None:
    result = segments_from_text(text, previous)
    assert body_text(result) == normalised_text(text)
    assert len({one["id"] for one in result}) == len(result)
    assert normalised_text(normalised_text(text)) == normalised_text(text)
    assert segments_from_text(text, previous) == result
    assert segments_from_text(text, result) == result


@given(bodies(), st.data())
def test_deleting_segments_leaves_the_others_as_they_were(
    previous: list[Segment], data: st.DataObject
) -> None:
    # Only bodies whose paragraphs differ: which of two equal ones went, nobody can tell.
    all_paragraphs = [p for one in previous for p in paragraphs(one["text"])]
    previous = [one for one in previous if paragraphs(one["text"])]
    if len(set(all_paragraphs)) < len(all_paragraphs):
        return
    kept = [one for one in previous if data.draw(st.booleans())]
    assert segments_from_text(body_text(kept), previous) == kept


@given(bodies(), st.randoms(use_true_random=False))
def test_reordered_segments_keep_their_identity(
    previous: list[Segment], generator: random.Random
) -> None:
    all_paragraphs = [p for one in previous for p in paragraphs(one["text"])]
    previous = [one for one in previous if paragraphs(one["text"])]
    if len(set(all_paragraphs)) < len(all_paragraphs):
        return
    shuffled = previous.copy()
    generator.shuffle(shuffled)
    assert segments_from_text(body_text(shuffled), previous) == shuffled
