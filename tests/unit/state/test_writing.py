"""Writing on the page: no edit loses another part's words or identity; every edit can be undone."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import reflex as rx
from hypothesis import given, settings
from hypothesis import strategies as st

from blossomer.entities import ENTITIES
from blossomer.entities.segment_edits import addresses
from blossomer.entities.segments import SEGMENT_TYPES, body_text
from blossomer.errors import UserError
from blossomer.services.mending import Mended
from blossomer.services.runtime import build_runtime, set_runtime
from blossomer.settings import load_settings
from blossomer.state.entity_page import EntityPageState
from blossomer.state.mending import CHANGED_MEANWHILE
from blossomer.state.writing import GONE
from tests.support.campaign import IDS, documents

CAMPAIGN = IDS["campaign"]

Texts = st.text(alphabet="ab {}\n.é", max_size=30)
Segments = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["", "a", "b", "c", "d", "at-1", "ä"]),
            "type": st.sampled_from(sorted(SEGMENT_TYPES)),
            "text": Texts,
        }
    ),
    max_size=6,
)


async def opened(segments: list[dict[str, Any]] | None = None) -> Any:
    """The state of a page with the campaign open."""
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    state = await root.get_state(EntityPageState)
    found = documents()
    if segments is not None:
        found["campaign"]["data"]["email_content"]["segments"] = copy.deepcopy(segments)
    state.entity = "campaign"
    state._documents = {CAMPAIGN: found["campaign"]}
    state._show(found["campaign"])
    above = {key: document for key, document in found.items() if key != "campaign"}
    state._show_family(above, {})
    return state


async def call(state: Any, name: str, *arguments: Any) -> Any:
    """Call a handler as a page does."""
    return await getattr(EntityPageState, name).fn(state, *arguments)


def content(state: Any) -> dict[str, Any]:
    """The e-mail as it is kept."""
    found: dict[str, Any] = copy.deepcopy(dict(state._documents[CAMPAIGN]["data"]["email_content"]))
    return found


def body(state: Any) -> list[dict[str, Any]]:
    """The segments as they are kept."""
    return [dict(segment) for segment in content(state)["segments"]]


def edited(state: Any, card: str) -> list[str]:
    """What is noted as a person's."""
    return list(state._documents[CAMPAIGN]["data"]["provenance"]["edited"].get(card, []))


def shown(state: Any) -> list[str]:
    """The texts in the inputs of the parts."""
    return [part.text for part in state.parts["email"]]


async def test_the_parts_stand_beside_what_they_are_for() -> None:
    state = await opened()
    part = state.parts["email"][4]
    kind = SEGMENT_TYPES["cta"]
    assert (part.label, part.purpose, part.colour) == (kind.label, kind.purpose, kind.colour)


async def test_a_text_is_saved_as_one_change_that_names_what_a_person_wrote() -> None:
    state = await opened()
    before = body(state)
    await call(state, "save_text", "email", "s3", "Mine now.")
    after = body(state)
    assert after[2] == {**before[2], "text": "Mine now."}
    assert after[:2] + after[3:] == before[:2] + before[3:]
    assert len(edited(state, "email")) == 1
    assert [part.status for part in state.parts["email"]].count("edited") == 1
    await call(state, "undo")
    assert body(state) == before
    assert edited(state, "email") == []


async def test_an_input_that_was_left_as_it_was_writes_nothing() -> None:
    state = await opened()
    before = state._documents[CAMPAIGN]
    for part in list(state.parts["email"]):
        await call(state, "save_text", "email", part.address, part.text)
    await call(state, "save_text", "email", "", state.plain_texts["email"].text)
    for option in list(state.options["subjects"]):
        await call(state, "save_text", "subjects", option.place, option.text)
    assert dict(state._documents[CAMPAIGN]) == dict(before)
    assert state.drafts_operations == []


async def test_an_input_is_drawn_anew_only_when_its_text_changed_elsewhere() -> None:
    state = await opened()
    keys = [part.key for part in state.parts["email"]]
    await call(state, "save_text", "email", "s3", "Mine now.")
    assert [part.key for part in state.parts["email"]] == keys
    await call(state, "check_typing", "email", "s2", "Half a sent")
    await call(state, "undo")
    now = [part.key for part in state.parts["email"]]
    assert [old == new for old, new in zip(keys, now, strict=True)] == [
        True, True, False, True, True, True,
    ]  # fmt: skip
    assert shown(state)[1] == "Half a sent"


async def test_what_is_typed_is_not_taken_away_by_another_tab() -> None:
    state = await opened()
    await call(state, "check_typing", "email", "s2", "Half a sent")
    key = state.parts["email"][1].key
    other = copy.deepcopy(documents()["campaign"])
    other["data"]["email_content"]["segments"][1]["text"] = "From another tab."
    state._documents = {CAMPAIGN: other}
    state._show(other)
    assert (state.parts["email"][1].text, state.parts["email"][1].key) == ("Half a sent", key)
    await call(state, "save_text", "email", "s2", "Half a sentence.")
    assert body(state)[1]["text"] == "Half a sentence."


async def test_parts_are_added_removed_and_moved() -> None:
    state = await opened()
    before = body(state)
    await call(state, "add_part", "email", "s1")
    new = body(state)[1]
    assert (new["type"], new["text"]) == ("custom", "")
    assert state.parts["email"][1].focus == "text"
    await call(state, "move_part", "email", new["id"], -1)
    assert body(state)[0] == new
    await call(state, "move_part", "email", new["id"], -1)  # there is nothing above the first
    assert body(state)[0] == new
    await call(state, "remove_part", "email", new["id"])
    assert body(state) == before
    await call(state, "remove_part", "email", "s2")
    await call(state, "undo")
    assert body(state) == before


async def test_a_key_moves_a_part_with_what_was_typed_into_it() -> None:
    state = await opened()
    await call(state, "move_part", "email", "s3", -1, "text", "Typed, not left.")
    assert [s["id"] for s in body(state)[:3]] == ["s1", "s3", "s2"]
    assert body(state)[1]["text"] == "Typed, not left."
    assert state.parts["email"][1].focus == "text"


async def test_a_part_is_dragged_to_where_another_one_stands() -> None:
    state = await opened()
    await call(state, "drag_part", "s5")
    await call(state, "drop_part", "email", "s2")
    assert [s["id"] for s in body(state)] == ["s1", "s5", "s2", "s3", "s4", "s6"]
    await call(state, "drop_part", "email", "s6")  # nothing is being dragged any more
    assert [s["id"] for s in body(state)] == ["s1", "s5", "s2", "s3", "s4", "s6"]


async def test_the_kind_of_a_part_can_be_changed() -> None:
    state = await opened()
    await call(state, "set_kind", "email", "s3", "emphasis")
    assert body(state)[2]["type"] == "emphasis"
    assert state.parts["email"][2].label == SEGMENT_TYPES["emphasis"].label


async def test_a_part_that_is_gone_says_so() -> None:
    state = await opened()
    for name, arguments in {
        "save_text": ("email", "gone", "x"),
        "remove_part": ("email", "gone"),
        "move_part": ("email", "gone", 1),
        "add_part": ("email", "gone"),
    }.items():
        state.notice = ""
        await call(state, name, *arguments)
        assert state.notice == GONE, name


async def test_plain_text_and_back_loses_no_kind() -> None:
    state = await opened()
    before = body(state)
    text = state.plain_texts["email"].text
    assert text == body_text(before)  # type: ignore[arg-type]
    changed = text.replace("By Monday half", "By Tuesday half") + "\n\nPS. A new one."
    await call(state, "save_text", "email", "", changed)
    after = body(state)
    assert [s["id"] for s in after[:6]] == [s["id"] for s in before]
    assert [s["type"] for s in after] == [*(s["type"] for s in before), "custom"]
    assert after[2]["text"].startswith("By Tuesday half")
    await call(state, "undo")
    assert body(state) == before


async def test_too_long_a_text_is_refused_in_words_and_stays_in_its_input() -> None:
    state = await opened()
    before = body(state)
    long = "x" * 5_000
    await call(state, "save_text", "email", "s2", long)
    assert "4,000 characters" in state.notice
    assert body(state) == before
    assert shown(state)[1] == long or state._typed


async def test_choosing_a_subject_loses_none() -> None:
    state = await opened()
    before = {content(state)["subject"], *content(state)["alternative_subjects"]}
    await call(state, "choose_text", "subjects", 2)
    after = content(state)
    assert after["subject"] == "who fills in, and when"
    assert {after["subject"], *after["alternative_subjects"]} == before
    assert len(after["alternative_subjects"]) == 2
    # On the page none of them moves; only the mark does.
    assert [(option.text, option.is_chosen) for option in state.options["subjects"]] == [
        ("friday shift plans", False),
        ("gaps on monday", False),
        ("who fills in, and when", True),
        ("", False),
    ]
    await call(state, "undo")
    assert content(state)["subject"] == "friday shift plans"


async def test_each_subject_can_be_written() -> None:
    state = await opened()
    await call(state, "save_text", "subjects", "0", " shift plans,  friday ")
    await call(state, "save_text", "subjects", "1", "gaps, by monday")
    await call(state, "save_text", "subjects", "3", "a fourth")
    assert content(state)["subject"] == "shift plans, friday"
    assert content(state)["alternative_subjects"] == [
        "gaps, by monday", "who fills in, and when", "a fourth",
    ]  # fmt: skip
    await call(state, "save_text", "subjects", "2", "")
    assert content(state)["alternative_subjects"] == ["gaps, by monday", "a fourth"]
    assert [option.text for option in state.options["subjects"]] == [
        "shift plans, friday", "gaps, by monday", "a fourth", "",
    ]  # fmt: skip
    await call(state, "save_text", "subjects", "0", "  ")
    assert state.notice == "“Subject” cannot be empty."
    assert content(state)["subject"] == "shift plans, friday"


async def test_only_cards_that_are_written_in_on_the_page_take_texts() -> None:
    state = await opened()
    before = dict(state._documents[CAMPAIGN])
    for card in ("insights", "variant", "nothing", "linkedin_messages"):
        await call(state, "save_text", card, "0", "x")
        await call(state, "remove_part", card, "at-0")
    assert dict(state._documents[CAMPAIGN]) == before


@settings(max_examples=80, deadline=None)
@given(segments=Segments, data=st.data())
async def test_no_edit_touches_another_part(segments: list[dict[str, Any]], data: Any) -> None:
    state = await opened(segments)
    for _ in range(3):
        before = body(state)
        known = addresses(before)
        assert len(set(known)) == len(known)
        if not known:
            break
        address = data.draw(st.sampled_from(known))
        at = known.index(address)
        others = before[:at] + before[at + 1 :]
        edit = data.draw(
            st.sampled_from(["save_text", "set_kind", "add_part", "remove_part", "move_part"])
        )
        argument = {
            "save_text": lambda: [data.draw(Texts)],
            "set_kind": lambda: [data.draw(st.sampled_from(sorted(SEGMENT_TYPES)))],
            "move_part": lambda: [data.draw(st.sampled_from([-1, 1]))],
        }.get(edit, list)()
        await call(state, edit, "email", address, *argument)
        after = body(state)
        if edit == "add_part":
            assert [s for s in after if s in before] == before
            assert len(after) == len(before) + 1
        elif edit == "remove_part":
            assert after == others
        elif edit == "move_part":
            assert sorted(map(repr, after)) == sorted(map(repr, before))
        else:
            assert after[:at] + after[at + 1 :] == others
            assert after[at]["id"] == before[at]["id"]
        assert shown(state) == [s["text"] for s in after]
        if after != before:
            await call(state, "undo")
            assert body(state) == before
            await call(state, edit, "email", address, *argument)


@settings(max_examples=60, deadline=None)
@given(segments=Segments, typed=st.none() | Texts)
async def test_plain_text_through_the_state(
    segments: list[dict[str, Any]], typed: str | None
) -> None:
    state = await opened(segments)
    before = body(state)
    text = state.plain_texts["email"].text
    await call(state, "save_text", "email", "", text if typed is None else typed)
    if typed is None:
        assert body(state) == before
        assert state.drafts_operations == []
    else:
        wanted = [line.rstrip() for line in typed.split("\n") if line.strip()]
        kept = [line for line in state.plain_texts["email"].text.split("\n") if line]
        assert kept == wanted


# Findings, preview, copying


async def test_findings_follow_what_is_typed_and_nothing_is_written() -> None:
    state = await opened()
    assert state.mails["email"].errors == []
    await call(state, "check_typing", "email", "s2", "Acme Corp cut costs by 73% with it.")
    messages = [finding.message for finding in state.mails["email"].errors]
    assert "“73%” stands in no source." in messages
    assert state.parts["email"][1].has_error
    assert state.drafts_operations == []
    await call(state, "check_typing", "email", "s2", state._drawn["write-email-s2"][0])
    assert state.mails["email"].errors == []
    assert state._typed == {}


async def test_what_stands_above_is_a_source() -> None:
    state = await opened()
    await call(state, "check_typing", "email", "s2", "Others plan with Quayline now.")
    assert state.mails["email"].errors == []
    state._show_family({}, {})
    found = {finding.message for finding in state.mails["email"].errors}
    assert found == {"“Quayline” stands in no source."}


async def test_follow_ups_and_variant_have_days_lengths_and_findings_of_their_own() -> None:
    state = await opened()
    assert [*state.mails] == ["email", "follow_ups-0", "follow_ups-1", "variant"]
    first, second = state.mails["follow_ups-0"], state.mails["follow_ups-1"]
    assert first.when == "4 days later (day 5)"
    assert second.when == "2 days later (day 7)"
    assert first.words.endswith("/ 60 words")
    assert any("3 to 7" in finding.message for finding in second.warnings)


async def test_the_preview_fills_in_a_readers_names_and_only_in_what_is_shown() -> None:
    state = await opened()
    before = body(state)
    await call(state, "preview_as", "usual")
    assert "Hi Thomas," in state.mails["email"].body
    assert "at Hartley Foods today" in state.mails["email"].body
    assert body(state) == before
    assert state.mails["email"].body.count("\n\n") == 5
    await call(state, "preview_as", "tokens")
    assert "{{first_name}}" in state.mails["email"].body
    await call(state, "preview", "variant")
    assert state.previewed == "variant"


async def test_what_was_copied_too_early_is_copied_again() -> None:
    state = await opened()
    version = state.copy_version
    await call(state, "note_copied", "email", "body", version)
    assert (state.copied, state.copy_again) == ("email body", 0)
    await call(state, "save_text", "email", "s2", "Newer words.")
    assert state.copied == ""
    await call(state, "note_copied", "email", "body", version)
    assert state.copy_again == 1
    assert "Newer words." in state.copy_text


# Mending


class FakeMender:
    """Mends by fixed words."""

    def __init__(self, answer: str | UserError) -> None:
        self.answer = answer
        self.asked: list[Any] = []

    def check(self, request: Any) -> None:
        """Take everything."""

    async def mend(self, request: Any) -> Mended:
        """Answer, or fail."""
        self.asked.append(request)
        if isinstance(self.answer, UserError):
            raise self.answer
        return Mended(self.answer, {})


async def mending(state: Any, answer: str | UserError, between: Any = None) -> FakeMender:
    """Mend the first error of the e-mail."""
    runtime, mender = build_runtime(load_settings()), FakeMender(answer)
    runtime.mender = mender  # type: ignore[assignment]
    set_runtime(runtime)
    try:
        await call(state, "mend", "email", state.mails["email"].errors[0].id)
        if between is not None:
            await between()
        await EntityPageState.run_mend.fn(state)  # type: ignore[attr-defined]
    finally:
        set_runtime(None)
    return mender


async def with_an_error() -> Any:
    state = await opened()
    await call(state, "save_text", "email", "s2", "Acme Corp cut costs by 73% with it.")
    return state


async def test_a_finding_is_mended_where_it_is_and_can_be_undone() -> None:
    state = await with_an_error()
    before = body(state)
    mender = await mending(state, "It cuts costs.")
    assert mender.asked[0].text == before[1]["text"]
    assert "73%" in mender.asked[0].finding
    assert {"company", "account", "persona"} == set(mender.asked[0].context)
    after = body(state)
    assert after[1] == {**before[1], "text": "It cuts costs."}
    assert after[:1] + after[2:] == before[:1] + before[2:]
    assert (state.mending, state.mend_problem.code) == ("", "")
    await call(state, "undo")
    assert body(state) == before


async def test_words_typed_meanwhile_are_kept() -> None:
    state = await with_an_error()

    async def type_more() -> None:
        await call(state, "save_text", "email", "s2", "My own words.")

    await mending(state, "It cuts costs.", type_more)
    assert body(state)[1]["text"] == "My own words."
    assert state.notice == CHANGED_MEANWHILE


async def test_a_failed_mending_says_why_and_changes_nothing() -> None:
    state = await with_an_error()
    before = body(state)
    await mending(state, UserError("models_unavailable", "No model answers.", "Try later."))
    assert body(state) == before
    assert (state.mend_problem.message, state.mending_in) == ("No model answers.", "email")
    await call(state, "dismiss_mending")
    assert state.mend_problem.code == ""


async def test_without_a_model_the_page_knows() -> None:
    state = await opened()
    assert state.has_model is False


@pytest.mark.parametrize("entity", sorted(ENTITIES))
def test_every_card_with_e_mails_names_attributes_that_are_there(entity: str) -> None:
    config = ENTITIES[entity]
    for card in config.cards:
        names = {attribute.name for attribute in card.attributes}
        if card.choice is not None:
            assert {card.choice.chosen, card.choice.others} <= names
        if card.mail is None:
            continue
        owner = config.card(card.mail.subject_card) if card.mail.subject_card else card
        assert card.mail.subject in {attribute.name for attribute in owner.attributes}
        if card.shape != "segments":
            assert card.mail.body in names
