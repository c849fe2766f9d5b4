"""Sessions: from the first cookie to the last, over the real database and a provider that fails."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text

from blossomer.db.engine import ImpatientConnection
from blossomer.services.identity import rows
from blossomer.services.identity.cookies import LONGEST_HEADER
from tests.database.rows import insert_everything
from tests.identity.conftest import Service, refusal
from tests.support.fake_stack import Person

SESSIONS = "SELECT id, secret_hash, refresh_token, seen_at, verified_until FROM sessions"


def secret_in(cookie: str) -> str:
    return cookie.rpartition("=")[2]


async def test_signing_in_gives_a_secret_that_nobody_else_can_know(service: Service) -> None:
    tokens = service.tokens()
    secret, identity, is_new = await service.sessions.begin(tokens)
    assert (identity.user_id, identity.email, identity.name, identity.tier) == (
        service.stack.person.id, "ada@example.com", "Ada", "free",
    )  # fmt: skip
    assert is_new
    assert len(secret) == 43  # 256 bits
    (row,) = service.row(SESSIONS, identity.user_id)
    assert row[1] == hashlib.sha256(secret.encode()).hexdigest()
    stored = str(row)
    assert secret not in stored
    assert tokens.refresh not in stored
    assert tokens.access not in stored


async def test_every_sign_in_has_a_new_secret_and_the_person_is_new_once(service: Service) -> None:
    first, _, is_new = await service.sessions.begin(service.tokens())
    second, _, is_new_again = await service.sessions.begin(service.tokens())
    assert first != second
    assert (is_new, is_new_again) == (True, False)


async def test_who_sends_the_cookie_is_known(service: Service) -> None:
    cookie, identity = await service.sign_in()
    assert await service.sessions.identify(cookie) == identity
    assert await service.another().identify(cookie) == identity
    signed_in = await service.sessions.look_up(cookie)
    assert signed_in is not None
    assert signed_in.session_id == str(service.row(SESSIONS, identity.user_id)[0][0])


async def test_what_the_provider_says_is_updated_and_the_tier_stays_ours(service: Service) -> None:
    _, identity = await service.sign_in()
    service.row("UPDATE users SET tier = 'paid'", identity.user_id)
    service.stack.person = Person(id=identity.user_id, email="new@example.com", name=None)
    cookie, identity = await service.sign_in()
    assert (identity.email, identity.name, identity.tier) == ("new@example.com", None, "paid")
    assert await service.sessions.identify(cookie) == identity


ODD = {
    "none": None,
    "empty": "",
    "another cookie": "theme=dark",
    "no value": "blossomer=",
    "short": "blossomer=abc",
    "forged": f"blossomer={'A' * 43}",
    "too long": f"blossomer={'A' * 44}",
    "other characters": f"blossomer={'A' * 42}'",
    "injection": "blossomer=' OR 1=1 --",
    "null byte": f"blossomer={'A' * 42}\x00",
    "not ASCII": f"blossomer={'é' * 43}",
    "oversized": f"blossomer={'A' * 43}; " + "x" * LONGEST_HEADER,
    "a thousand cookies": "; ".join(f"a{n}=b" for n in range(1_000)),
    "only semicolons": ";" * 5_000,
    "no equals sign": "blossomer",
    "case": f"Blossomer={'A' * 43}",
    "host prefix on http": f"__Host-blossomer={'A' * 43}",
    "a hash": f"blossomer={'a' * 64}",
}


@pytest.mark.parametrize("name", ODD)
async def test_odd_cookies_are_nobody(service: Service, name: str) -> None:
    assert await service.sessions.identify(ODD[name]) is None


async def test_the_hash_of_a_session_opens_nothing(service: Service) -> None:
    _, identity = await service.sign_in()
    stored = service.row(SESSIONS, identity.user_id)[0][1]
    assert await service.sessions.identify(f"blossomer={stored}") is None
    assert await service.sessions.identify(f"blossomer={stored[:43]}") is None


async def test_a_bad_token_begins_nothing(service: Service) -> None:
    tokens = service.tokens()
    service.stack.person = Person(restricted=True)
    error = await refusal(service.sessions.begin(service.tokens()))
    assert error.code == "account_restricted"
    assert service.row(SESSIONS, service.stack.person.id) == []
    assert tokens.refresh in service.stack.sessions


# The end


async def test_after_signing_out_a_stolen_cookie_is_worth_nothing(service: Service) -> None:
    cookie, identity = await service.sign_in()
    elsewhere = service.another()
    assert await service.sessions.identify(cookie)
    session_id = str(service.row(SESSIONS, identity.user_id)[0][0])
    await service.sessions.end(cookie)
    assert await service.sessions.identify(cookie) is None
    assert await elsewhere.identify(cookie) is None
    assert service.ended == [(session_id, identity.user_id)]
    await service.sessions.close()
    assert service.stack.sessions == {}, "the refresh token is revoked at the provider"
    await service.sessions.end(cookie)
    assert len(service.ended) == 1


async def test_another_process_notices_within_seconds(service: Service) -> None:
    cookie, _ = await service.sign_in()
    elsewhere = service.another()
    assert await elsewhere.identify(cookie)
    await service.sessions.end(cookie)
    service.time.pass_by(seconds=5.1)
    assert await elsewhere.identify(cookie) is None


async def test_signing_out_ends_the_session_in_every_tab_and_no_other_browser(
    service: Service,
) -> None:
    here, identity = await service.sign_in()
    there, _ = await service.sign_in()
    await asyncio.gather(*(service.sessions.identify(here) for _ in range(10)))
    await service.sessions.end(here)
    assert {await service.sessions.identify(here) for _ in range(10)} == {None}
    assert await service.sessions.identify(there) == identity


async def test_a_lookup_under_way_does_not_bring_a_session_back(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie, _ = await service.sign_in()
    found, go_on = asyncio.Event(), asyncio.Event()
    find = rows.find_session

    async def slow(*arguments: object) -> object:
        row = await find(*arguments)  # type: ignore[arg-type]
        if not found.is_set():
            found.set()
            await go_on.wait()
        return row

    monkeypatch.setattr(rows, "find_session", slow)
    under_way = asyncio.create_task(service.sessions.identify(cookie))
    await found.wait()
    await service.sessions.end(cookie)
    go_on.set()
    await under_way
    assert await service.sessions.identify(cookie) is None


async def test_signing_out_everywhere(service: Service) -> None:
    cookies = [(await service.sign_in())[0] for _ in range(3)]
    user_id = service.stack.person.id
    service.stack.person = Person()
    other, _ = await service.sign_in()
    for cookie in cookies:
        assert await service.sessions.identify(cookie)
    await service.sessions.end_all(user_id)
    assert [await service.sessions.identify(cookie) for cookie in cookies] == [None] * 3
    assert await service.sessions.identify(other)
    assert {user for _, user in service.ended} == {user_id}
    assert len(service.ended) == 3
    await service.sessions.close()
    assert len(service.stack.sessions) == 1


async def test_a_listener_that_fails_keeps_nobody_signed_in(service: Service) -> None:
    told: list[str] = []

    def failing(*_: str) -> None:
        raise RuntimeError("broken")

    async def asynchronous(session_id: str, _user_id: str) -> None:
        told.append(session_id)

    service.sessions.on_end[:] = [failing, asynchronous]
    cookie, _ = await service.sign_in()
    await service.sessions.end(cookie)
    assert len(told) == 1
    assert await service.sessions.identify(cookie) is None


@pytest.mark.parametrize(
    ("column", "age", "is_over"),
    [
        ("seen_at", "13 days 23 hours", False),
        ("seen_at", "14 days 1 hour", True),
        ("created_at", "29 days 23 hours", False),
        ("created_at", "30 days 1 hour", True),
    ],
)
async def test_a_session_ends_by_itself(
    service: Service, column: str, age: str, is_over: bool
) -> None:
    cookie, identity = await service.sign_in()
    service.row(f"UPDATE sessions SET {column} = now() - interval '{age}'", identity.user_id)
    found = await service.sessions.identify(cookie)
    assert (found is None) is is_over
    assert (service.row(SESSIONS, identity.user_id) == []) is is_over
    assert len(service.ended) == is_over


async def test_use_keeps_a_session_and_is_noted_once_a_minute(service: Service) -> None:
    cookie, identity = await service.sign_in()
    before = service.row(SESSIONS, identity.user_id)[0][3]
    for _ in range(5):
        service.time.pass_by(seconds=6)
        await service.sessions.identify(cookie)
    assert service.row(SESSIONS, identity.user_id)[0][3] == before
    service.time.pass_by(seconds=40)
    await service.sessions.identify(cookie)
    assert service.row(SESSIONS, identity.user_id)[0][3] > before


async def test_old_sessions_of_a_user_are_cleared_away(service: Service) -> None:
    cookie, identity = await service.sign_in()
    assert await service.sessions.identify(cookie)
    service.row("UPDATE sessions SET created_at = now() - interval '40 days'", identity.user_id)
    await service.sign_in()
    assert len(service.row(SESSIONS, identity.user_id)) == 1
    assert await service.sessions.identify(cookie) is None
    assert len(service.ended) == 1
    await service.sessions.close()
    assert len(service.stack.sessions) == 1


async def test_signing_in_all_day_does_not_fill_the_table(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_SESSIONS", 3)
    cookies = []
    for _ in range(5):
        cookie, identity = await service.sign_in()
        cookies.append(cookie)
        service.row("UPDATE sessions SET seen_at = seen_at - interval '5 s'", identity.user_id)
    found = [await service.sessions.identify(cookie) for cookie in cookies]
    assert found == [None, None, identity, identity, identity]
    assert len(service.ended) == 2


async def test_the_last_sign_in_is_noted_and_a_program_does_not_change_it(
    service: Service,
) -> None:
    last_login = "SELECT last_login FROM users"
    identity = await service.sessions.identify_bearer(service.stack.token())
    assert service.row(last_login, identity.user_id) == [(None,)]
    await service.sign_in()
    noted = service.row(last_login, identity.user_id)
    assert noted[0][0] is not None
    service.time.pass_by(minutes=1)
    await service.sessions.identify_bearer(service.stack.token(name="Ada King"))
    assert service.row(last_login, identity.user_id) == noted


# Renewal


async def test_a_session_is_renewed_by_itself(service: Service) -> None:
    cookie, identity = await service.sign_in()
    until = service.row(SESSIONS, identity.user_id)[0][4]
    service.row("UPDATE sessions SET verified_until = now() - interval '1 s'", identity.user_id)
    (person,) = service.stack.sessions.values()
    person.name = "Ada King"
    found = await service.sessions.identify(cookie)
    assert found is not None
    assert found.name == "Ada King"
    assert service.row(SESSIONS, identity.user_id)[0][4] > until - timedelta(minutes=1)
    assert service.row("SELECT name FROM users", identity.user_id) == [("Ada King",)]


async def test_ten_tabs_renew_it_once(service: Service) -> None:
    cookie, identity = await service.sign_in()
    service.row("UPDATE sessions SET verified_until = now() - interval '1 s'", identity.user_id)
    found = await asyncio.gather(*(service.sessions.identify(cookie) for _ in range(10)))
    assert found == [identity] * 10
    assert service.stack.asked.count("POST /api/v1/auth/oauth/token") == 1


async def test_what_the_provider_refuses_has_ended(service: Service) -> None:
    cookie, identity = await service.sign_in()
    service.stack.sessions.clear()
    assert await service.sessions.identify(cookie) == identity
    service.row("UPDATE sessions SET verified_until = now() - interval '1 s'", identity.user_id)
    service.time.pass_by(seconds=6)
    assert await service.sessions.identify(cookie) is None
    assert service.row(SESSIONS, identity.user_id) == []
    assert len(service.ended) == 1


@pytest.mark.parametrize("kind", ["restricted", "anonymous"])
async def test_an_account_that_has_become_less_than_one(service: Service, kind: str) -> None:
    cookie, identity = await service.sign_in()
    (person,) = service.stack.sessions.values()
    setattr(person, kind, True)
    service.row("UPDATE sessions SET verified_until = now() - interval '1 s'", identity.user_id)
    found = await service.sessions.identify(cookie)
    if kind == "restricted":
        assert found is None
        assert service.row(SESSIONS, identity.user_id) == []
    else:
        # Not what a provider does to an account; as if it had not answered.
        assert found == identity


async def test_a_token_of_somebody_else_ends_the_session(service: Service) -> None:
    cookie, identity = await service.sign_in()
    for token in service.stack.sessions:
        service.stack.sessions[token] = Person(email="mallory@example.com")
    service.row("UPDATE sessions SET verified_until = now() - interval '1 s'", identity.user_id)
    assert await service.sessions.identify(cookie) is None
    assert service.row(SESSIONS, identity.user_id) == []


async def test_with_another_secret_key_everybody_signs_in_again(service: Service) -> None:
    cookie, identity = await service.sign_in()
    service.row("UPDATE sessions SET verified_until = now() - interval '1 s'", identity.user_id)
    assert await service.another(secret="another" * 10).identify(cookie) is None
    assert service.row(SESSIONS, identity.user_id) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"down": True},
        {"status": 500},
        {"status": 503},
        {"status": 429, "answer_headers": {"Retry-After": "9"}},
        {"status": 200, "body": b"{}"},
        {"status": 200, "body": b"<html>"},
        {"status": 200, "body": b'{"access_token": "nonsense", "refresh_token": "x"}'},
        {"status": 404, "body": b"no such page"},
        {"status": 401, "body": b'{"code": "INVALID_PUBLISHABLE_CLIENT_KEY"}'},
        {"status": 400, "body": b'{"code": "SOMETHING_NEW"}'},
    ],
    ids=str,
)
async def test_a_provider_that_does_not_answer_signs_nobody_out_for_an_hour(
    service: Service, fault: dict[str, object]
) -> None:
    cookie, identity = await service.sign_in()
    service.row("UPDATE sessions SET verified_until = now() - interval '1 s'", identity.user_id)
    for attribute, value in fault.items():
        setattr(service.stack, attribute, value)
    assert await service.sessions.identify(cookie) == identity
    asked = len(service.stack.asked)
    service.time.pass_by(seconds=6)
    assert await service.sessions.identify(cookie) == identity
    assert len(service.stack.asked) == asked, "it is not asked with every click"
    service.time.pass_by(minutes=58)
    assert await service.sessions.identify(cookie) == identity
    service.time.pass_by(minutes=3)
    assert await service.sessions.identify(cookie) is None
    # Nothing was decided: when it is back, so is the session.
    service.stack.recover()
    service.time.pass_by(minutes=1)
    assert await service.sessions.identify(cookie) == identity
    assert service.ended == []


async def test_a_session_that_is_signed_out_during_its_renewal_stays_out(service: Service) -> None:
    cookie, identity = await service.sign_in()
    service.row("UPDATE sessions SET verified_until = now() - interval '1 s'", identity.user_id)
    renewing = asyncio.create_task(service.sessions.identify(cookie))
    await asyncio.sleep(0)
    await service.another().end(cookie)
    await renewing
    assert await service.another().identify(cookie) is None
    assert service.row(SESSIONS, identity.user_id) == []


# The database is gone


class Outage:
    """Makes every connection fail, as when the server is not there."""

    def __init__(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        self._service = service
        self._monkeypatch = monkeypatch
        self._connect = ImpatientConnection.connect

    async def begin(self) -> None:
        async def refused(*_: object, **__: object) -> None:
            raise psycopg.OperationalError("connection refused")

        await self._service.engine.dispose()
        self._monkeypatch.setattr(ImpatientConnection, "connect", refused)

    def end(self) -> None:
        self._monkeypatch.setattr(ImpatientConnection, "connect", self._connect)


@pytest.fixture
def outage(service: Service, monkeypatch: pytest.MonkeyPatch) -> Outage:
    return Outage(service, monkeypatch)


async def test_a_known_session_outlives_an_outage_of_the_database(
    service: Service, outage: Outage
) -> None:
    cookie, identity = await service.sign_in()
    assert await service.sessions.identify(cookie) == identity
    await outage.begin()
    for _ in range(20):
        service.time.pass_by(seconds=1)
        assert await service.sessions.identify(cookie) == identity
    outage.end()
    service.time.pass_by(seconds=5)
    assert await service.sessions.identify(cookie) == identity
    await outage.begin()
    service.time.pass_by(seconds=61)
    error = await refusal(service.sessions.identify(cookie))
    assert (error.code, error.status) == ("database_unavailable", 503)
    assert error.retry_after
    outage.end()
    assert await service.sessions.identify(cookie) == identity


async def test_invented_cookies_do_not_push_out_those_that_are_known(
    service: Service, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blossomer.services.identity.known.MOST", 3)
    cookie, identity = await service.sign_in()
    assert await service.sessions.identify(cookie) == identity
    for number in range(10):
        assert await service.sessions.identify(f"blossomer={number:043}") is None
    await outage.begin()
    service.time.pass_by(seconds=10)
    assert await service.sessions.identify(cookie) == identity


async def test_whom_the_server_does_not_know_yet_is_told_why(
    service: Service, outage: Outage
) -> None:
    cookie, _ = await service.sign_in()
    await outage.begin()
    for call in (
        service.another().identify(cookie),
        service.sessions.begin(service.tokens()),
        service.sessions.end_all(service.stack.person.id),
    ):
        assert (await refusal(call)).code == "database_unavailable"
    assert await service.sessions.identify(None) is None
    await service.sessions.close()
    assert len(service.stack.sessions) == 1, "what nobody can use is revoked"


async def test_signing_out_works_without_the_database_and_is_made_good(
    service: Service, outage: Outage
) -> None:
    cookie, identity = await service.sign_in()
    assert await service.sessions.identify(cookie)
    await outage.begin()
    await service.sessions.end(cookie)
    assert await service.sessions.identify(cookie) is None
    outage.end()
    assert await service.sessions.identify(cookie) is None
    async with asyncio.timeout(10):
        while service.row(SESSIONS, identity.user_id):  # noqa: ASYNC110 - a row sets no event
            await asyncio.sleep(0.05)
    assert await service.sessions.identify(cookie) is None


async def test_a_database_that_hangs_is_not_waited_for(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie, identity = await service.sign_in()
    assert await service.sessions.identify(cookie)
    monkeypatch.setattr("blossomer.services.identity.rows.DATABASE_SECONDS", 0.1)
    hangs = text("SELECT pg_sleep(60), :hash")
    monkeypatch.setattr("blossomer.services.identity.rows._SESSION_OF", hangs)
    service.time.pass_by(seconds=6)
    assert await service.sessions.identify(cookie) == identity


# Access tokens of programs


async def test_a_program_is_who_its_token_says(service: Service) -> None:
    token = service.stack.token()
    identity = await service.sessions.identify_bearer(token)
    assert identity.user_id == service.stack.person.id
    service.row("UPDATE users SET tier = 'paid'", identity.user_id)
    service.time.pass_by(seconds=6)
    assert (await service.sessions.identify_bearer(token)).tier == "paid"
    assert (await refusal(service.sessions.identify_bearer("nonsense"))).code == "invalid_token"


async def test_a_known_program_outlives_an_outage_too(service: Service, outage: Outage) -> None:
    token = service.stack.token()
    identity = await service.sessions.identify_bearer(token)
    await outage.begin()
    service.time.pass_by(seconds=20)
    assert await service.sessions.identify_bearer(token) == identity
    service.time.pass_by(seconds=61)
    error = await refusal(service.sessions.identify_bearer(token))
    assert error.code == "database_unavailable"


# The account


async def test_deleting_the_account_deletes_everything_and_ends_everything(
    service: Service,
) -> None:
    user_id = f"user-{uuid4()}"
    insert_everything(service.database.app, user_id)
    service.stack.person = Person(id=user_id)
    here, identity = await service.sign_in()
    there, _ = await service.sign_in()
    token = service.stack.token()
    await service.sessions.identify_bearer(token)
    bystander = f"user-{uuid4()}"
    insert_everything(service.database.app, bystander)

    await service.sessions.delete_account(identity)

    tables = (
        "users", "companies", "target_accounts", "target_personas", "campaigns", "sessions",
        "generations", "versions",
    )  # fmt: skip
    for table in tables:
        assert service.row(f"SELECT count(*) FROM {table}", user_id) == [(0,)], table
        assert service.row(f"SELECT count(*) FROM {table}", bystander) == [(1,)], table
    assert await service.sessions.identify(here) is None
    assert await service.sessions.identify(there) is None
    assert {user for _, user in service.ended} == {user_id}
    await service.sessions.close()
    assert service.stack.deleted == [user_id]
    # A token that is still valid for some minutes does not bring the account back.
    assert (await refusal(service.sessions.identify_bearer(token))).code == "invalid_token"
    assert service.row("SELECT count(*) FROM users", user_id) == [(0,)]


async def test_a_deleted_person_may_come_back_to_an_empty_account(service: Service) -> None:
    _, identity = await service.sign_in()
    service.row(
        "INSERT INTO companies (user_id, name, url) VALUES (%(user)s, 'x', 'https://x.example')",
        identity.user_id,
        user=identity.user_id,
    )
    await service.sessions.delete_account(identity)
    secret, _, is_new = await service.sessions.begin(service.tokens())
    assert is_new
    assert await service.sessions.identify(f"blossomer={secret}")
    assert service.row("SELECT count(*) FROM companies", identity.user_id) == [(0,)]


async def test_where_the_provider_deletes_no_accounts_its_sessions_end(service: Service) -> None:
    service.stack.deletes = False
    _, identity = await service.sign_in()
    await service.sign_in()
    await service.sessions.delete_account(identity)
    await service.sessions.close()
    assert service.stack.deleted == []
    assert service.stack.sessions == {}


async def test_without_the_database_nothing_is_deleted(service: Service, outage: Outage) -> None:
    cookie, identity = await service.sign_in()
    await service.sessions.identify(cookie)
    await outage.begin()
    error = await refusal(service.sessions.delete_account(identity))
    assert error.code == "database_unavailable"
    outage.end()
    assert await service.sessions.identify(cookie) == identity
    assert service.stack.deleted == []


# What is logged


async def test_no_secret_and_no_session_is_ever_logged(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = service.tokens()
    secret, identity, _ = await service.sessions.begin(tokens)
    cookie = f"blossomer={secret}"
    row = service.row(SESSIONS, identity.user_id)[0]
    service.row("UPDATE sessions SET verified_until = now() - interval '1 s'", identity.user_id)
    service.stack.down = True
    await service.sessions.identify(cookie)
    service.stack.recover()
    service.time.pass_by(minutes=2)
    await service.sessions.identify(cookie)
    await service.sessions.end(cookie)
    await service.sessions.close()
    assert "identity." in caplog.text
    for hidden in (secret, str(row[0]), row[1], row[2], tokens.refresh, tokens.access):
        assert hidden not in caplog.text
