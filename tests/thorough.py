"""What ``make test`` leaves to ``make thorough``: more cases of what other tests see in one or two.

By the names of the tests, each with what stays in its place. All of it together takes half an hour
on two cores; without it the tests stay below a quarter of one.
"""

from __future__ import annotations

import re

LEFT_OUT = {
    # Every state is looked at in tests/browser/test_every_state.py, in one of four looks by turns.
    r"browser/test_accessibility\.py::test_no_": "states of companies, once more",
    r"browser/test_signing_in\.py::test_the_pages_have_no_barrier": "the same pages",
    # Lists, a persona and an advertisement stay; the fields are all the same kinds of component.
    r"test_hostile_texts\.py::test_a_document_shows_them_as_texts\[(?!persona|campaignad)": (
        "the other kinds of documents"
    ),
    r"browser/test_hostile_texts\.py::test_what_a_model_writes_is_shown_as_text\[(?!account)": (
        "the other kinds of documents"
    ),
    # The wizard of a campaign stays, and documents with all kinds of cards but one: the parts of an
    # e-mail are looked at in tests/browser/test_email_page.py.
    r"browser/test_every_state\.py::test_no_state_before.*\[(account|persona)\]": "the same forms",
    r"browser/test_every_state\.py::test_no_state_of_a.*\[(persona|campaign)\]": "the same cards",
    # What is at the top and what is below everything stay, each in one part of the product.
    r"browser/test_journey\.py::test_the_journey\[(?!company-playground|campaign-app)": (
        "the journeys of the other entities"
    ),
    r"browser/test_account\.py::test_from_the_playground.*\[Discard": "one of two answers",
    r"browser/test_hostile_texts\.py::test_lists_show_them_as_names\[app": "the same lists",
    r"browser/test_plan\.py::test_suggestions_appear.*\[(app-persona|playground-)": (
        "one kind in one part of the product"
    ),
    r"browser/test_email_page\.py::test_everybody_can_use_it\[Plain": "the simpler of two editors",
    # tests/unit/state/test_no_data_loss.py does it with every card.
    r"browser/test_structured_editing\.py::test_opening_and_saving_writes_nothing\[(?!account)": (
        "editors of the other entities"
    ),
    r"unit/test_hostile_texts\.py::test_an_answer_is_kept_as_it_is\[(?!company|campaignemail)": (
        "the other kinds of documents"
    ),
    # All strings in one file: tests/unit/test_hostile_texts.py.
    r"unit/export/test_docx\.py::test_hostile_text_stays_text": "each string in a file of its own",
    r"browser/test_plan\.py::test_(what_|the_wizard_says|a_generation_that|a_child_that).*\[play": (
        "the same pages with an account"
    ),
    # One death under load stays in tests/workers.
    r"browser/test_account\.py::test_what_was_shown_as_saved_survives_the_death": "deaths in a row",
    # Outages that a member sees stay in tests/browser/test_account.py.
    r"browser/test_unusual_orders\.py::test_a_page_that_was_opened_while_the_database_hung": (
        "another moment of the same outage"
    ),
    r"browser/test_failures\.py::test_six_generations_in_an_hour": "the limit, at the API's door",
    # What is typed into each editor is kept: tests/unit/state/test_no_data_loss.py, for all.
    r"browser/test_structured_editing\.py::test_what_is_typed_is_there.*\[(?!account)": (
        "editors of the other entities"
    ),
    # Its deadlines are short, so that all cells take a minute and a half; beside other tests on two
    # cores they are too short. What stays: outages of the database in tests/identity and
    # tests/database, of Redis and workers in tests/workers, of models in tests/unit/llm, of
    # websites in tests/unit/website; and that the matrix is whole and told in the documents.
    r"faults/test_matrix\.py::test_nothing_is_lost": "each fault by itself, elsewhere",
    # A browser's session and nobody stay: the doors are the same functions for every caller.
    r"rest/test_fuzzing\.py::.*\[(token|token-edges)\]": "the same paths with a token",
    r"extending/test_battlecard\.py::.*\[(test_no_data_loss|test_row_security|test_documents)\]": (
        "tests that run over all entities anyway, for one more"
    ),
    r"database/test_launcher_life\.py::test_it_serves_and_a_signal_stops_everything\[2\]": (
        "another signal"
    ),
    # A death of everything stays: in tests/browser/test_account.py, and in test_embedded.py.
    r"database/test_launcher_life\.py::test_after_kill_9_of_": "more deaths",
    r"identity/test_journey\.py::test_the_way_in_through_and_out\[Stack Auth\]": (
        "the way of the local issuer, which speaks the same protocol"
    ),
}


def is_left_out(name: str) -> bool:
    """Whether a test, by its whole name, is one of them."""
    return any(re.search(pattern, name) for pattern in LEFT_OUT)
