"""Which access tokens are good, and a table of those that are not, each refused in words."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from blossomer.services.identity import keys as keys_module
from blossomer.services.identity.keys import KeySet, usable_keys
from blossomer.services.identity.verifier import LONGEST_TOKEN, TokenVerifier
from tests.identity.conftest import refusal
from tests.support.fake_stack import PROJECT, FakeStack, Key, Missing, Person

OTHER_API = "https://api.hexclave.example"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def verifier(stack: FakeStack, clock: Clock) -> AsyncIterator[TokenVerifier]:
    async with httpx.AsyncClient() as http:
        verifier = TokenVerifier(PROJECT, (stack.url, OTHER_API), http, clock)
        yield verifier
        await verifier.close()


def now() -> int:
    return int(time.time())


def fetches(stack: FakeStack) -> int:
    return sum(request.endswith("jwks.json") for request in stack.asked)


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(stack: FakeStack, **header: Any) -> str:
    return f"{part({'typ': 'JWT', **header})}.{part(stack.claims())}."


def hmac_with_public_key(stack: FakeStack) -> str:
    """The attack on verifiers that let the token choose: the public key as an HMAC secret."""
    import hashlib
    import hmac

    head = part({"alg": "HS256", "typ": "JWT", "kid": stack.keys[0].kid})
    signed = f"{head}.{part(stack.claims())}"
    digest = hmac.new(stack.keys[0].public_pem, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{part(digest)}"


def with_other_algorithm(stack: FakeStack) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(stack.claims(), key, "RS256", headers={"kid": stack.keys[0].kid})


def with_key_of_its_own(stack: FakeStack) -> str:
    """A token that brings the key to check it with."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    headers = {"kid": stack.keys[0].kid, "jwk": public}
    return jwt.encode(stack.claims(), key, "ES256", headers=headers)


def changed_afterwards(stack: FakeStack) -> str:
    head, _, signature = stack.token().split(".")
    return f"{head}.{part({**stack.claims(), 'sub': 'somebody-else'})}.{signature}"


def with_header(stack: FakeStack, **header: Any) -> str:
    return jwt.encode(
        stack.claims(), stack.keys[0].private, "ES256", headers={"kid": stack.keys[0].kid, **header}
    )


def issuer_of(stack: FakeStack, kind: str) -> str:
    return stack.issuer.replace("/projects/", f"/{kind}/")


BAD: dict[str, tuple[str, Callable[[FakeStack], str]]] = {
    "expired": ("token_expired", lambda s: s.token(exp=now() - 120, iat=now() - 720)),
    "expired long ago": ("token_expired", lambda s: s.token(exp=1)),
    "not yet valid": ("invalid_token", lambda s: s.token(nbf=now() + 600)),
    "from the future": ("invalid_token", lambda s: s.token(iat=now() + 600, exp=now() + 900)),
    "wrong issuer": ("invalid_token", lambda s: s.token(iss="https://evil.example")),
    "issuer with more behind it": ("invalid_token", lambda s: s.token(iss=f"{s.issuer}/")),
    "issuer of another project": (
        "invalid_token",
        lambda s: s.token(iss=s.issuer.replace(PROJECT, "other")),
    ),
    "issuer is a list": ("invalid_token", lambda s: s.token(iss=[s.issuer])),
    "wrong audience": ("invalid_token", lambda s: s.token(aud="other")),
    "audience of servers": ("invalid_token", lambda s: s.token(aud=f"{PROJECT}:server")),
    "audience is a list": ("invalid_token", lambda s: s.token(aud=[PROJECT])),
    "audience is empty": ("invalid_token", lambda s: s.token(aud="")),
    "anonymous": ("invalid_token", lambda s: s.token(Person(anonymous=True))),
    "anonymous by its claim alone": ("invalid_token", lambda s: s.token(is_anonymous=True)),
    "anonymous in another form": ("invalid_token", lambda s: s.token(is_anonymous="true")),
    "anonymous issuer": (
        "invalid_token",
        lambda s: s.token(iss=issuer_of(s, "projects-anonymous-users")),
    ),
    "restricted": ("account_restricted", lambda s: s.token(Person(restricted=True))),
    "restricted by its claim alone": ("account_restricted", lambda s: s.token(is_restricted=True)),
    "restricted in another form": ("account_restricted", lambda s: s.token(is_restricted=1)),
    "alg none": ("invalid_token", lambda s: unsigned(s, alg="none", kid=s.keys[0].kid)),
    "alg None": ("invalid_token", lambda s: unsigned(s, alg="None", kid=s.keys[0].kid)),
    "no algorithm": ("invalid_token", lambda s: unsigned(s, kid=s.keys[0].kid)),
    "algorithm is no text": ("invalid_token", lambda s: unsigned(s, alg=["ES256"], kid="k")),
    "HS256 with the public key": ("invalid_token", hmac_with_public_key),
    "RS256": ("invalid_token", with_other_algorithm),
    "signed by somebody else": (
        "invalid_token",
        lambda s: s.token(key=Key(kid=s.keys[0].kid)),
    ),
    "brings its own key": ("invalid_token", with_key_of_its_own),
    "unknown key": ("invalid_token", lambda s: s.token(key=Key())),
    "no key id": ("invalid_token", lambda s: unsigned(s, alg="ES256")),
    "key id is no text": ("invalid_token", lambda s: unsigned(s, alg="ES256", kid={"a": 1})),
    "key id with a line break": ("invalid_token", lambda s: unsigned(s, alg="ES256", kid="a\nb")),
    "endless key id": ("invalid_token", lambda s: unsigned(s, alg="ES256", kid="k" * 5_000)),
    "critical header": ("invalid_token", lambda s: with_header(s, crit=["exp"])),
    "unencoded payload": ("invalid_token", lambda s: with_header(s, b64=False)),
    "changed afterwards": ("invalid_token", changed_afterwards),
    "without signature": ("invalid_token", lambda s: s.token().rpartition(".")[0] + "."),
    "no subject": ("invalid_token", lambda s: s.token(sub=Missing)),
    "no expiry": ("invalid_token", lambda s: s.token(exp=Missing)),
    "no issuer": ("invalid_token", lambda s: s.token(iss=Missing)),
    "no audience": ("invalid_token", lambda s: s.token(aud=Missing)),
    "no time of issue": ("invalid_token", lambda s: s.token(iat=Missing)),
    "subject is empty": ("invalid_token", lambda s: s.token(sub="")),
    "subject with a control character": ("invalid_token", lambda s: s.token(sub="a\x00b")),
    "endless subject": ("invalid_token", lambda s: s.token(sub="a" * 200)),
    "expiry is no number": ("invalid_token", lambda s: s.token(exp="soon")),
    "expiry is infinite": ("invalid_token", lambda s: s.token(exp=float("inf"))),
    "payload is a list": (
        "invalid_token",
        lambda s: jwt.PyJWS().encode(
            b"[1]", s.keys[0].private, "ES256", headers={"kid": s.keys[0].kid}
        ),
    ),
    "empty": ("invalid_token", lambda _: ""),
    "one word": ("invalid_token", lambda _: "secret"),
    "two parts": ("invalid_token", lambda _: "a.b"),
    "dots": ("invalid_token", lambda _: "." * 100),
    "not ASCII": ("invalid_token", lambda s: s.token() + "é"),
    "header is no object": ("invalid_token", lambda _: f"{part([1])}.{part({})}.x"),
    "header is broken": ("invalid_token", lambda _: f"{part(b'{')}.{part({})}.x"),
    "header of brackets": ("invalid_token", lambda _: f"{part(b'[' * 5_000)}.x.x"),
    "huge": ("invalid_token", lambda s: s.token(padding="x" * LONGEST_TOKEN)),
    "gigantic": ("invalid_token", lambda _: "a" * 5_000_000),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_token_is_refused_in_words(
    verifier: TokenVerifier, stack: FakeStack, name: str
) -> None:
    code, make = BAD[name]
    error = await refusal(verifier.verify(make(stack)))
    assert (error.code, error.status) == (code, 401)


@pytest.mark.parametrize("key", [0, 1])
async def test_a_good_token_says_who_it_is(
    verifier: TokenVerifier, stack: FakeStack, key: int
) -> None:
    claims = await verifier.verify(stack.token(key=stack.keys[key]))
    assert (claims.user_id, claims.email, claims.name) == (
        stack.person.id,
        "ada@example.com",
        "Ada",
    )
    assert abs(claims.expires_at.timestamp() - now() - 600) < 5


async def test_small_differences_of_clocks_do_not_matter(
    verifier: TokenVerifier, stack: FakeStack
) -> None:
    assert await verifier.verify(stack.token(exp=now() - 20))
    assert await verifier.verify(stack.token(iat=now() + 20))


async def test_every_issuer_of_the_list_is_accepted(
    verifier: TokenVerifier, stack: FakeStack
) -> None:
    assert await verifier.verify(stack.token(iss=f"{OTHER_API}/api/v1/projects/{PROJECT}"))


async def test_a_token_of_the_older_form_is_good(verifier: TokenVerifier, stack: FakeStack) -> None:
    older = stack.token(is_restricted=Missing, is_anonymous=Missing, restricted_reason=Missing)
    assert await verifier.verify(older)


async def test_names_are_one_line_that_can_be_stored(
    verifier: TokenVerifier, stack: FakeStack
) -> None:
    claims = await verifier.verify(stack.token(name="A\x00da\r\n" + "x" * 900, email={"a": 1}))
    assert claims.name is not None
    assert claims.name.startswith("Adax")
    assert len(claims.name) == 320
    assert claims.email is None


async def test_a_validity_without_end_has_one_here(
    verifier: TokenVerifier, stack: FakeStack
) -> None:
    claims = await verifier.verify(stack.token(exp=10**15))
    assert claims.expires_at.timestamp() <= now() + 86_400 + 5


# Keys


async def test_a_rotated_key_is_found_and_the_old_one_serves_until_then(
    verifier: TokenVerifier, stack: FakeStack, clock: Clock
) -> None:
    old = stack.keys[0]
    assert await verifier.verify(stack.token())
    stack.keys.insert(0, Key())
    clock.seconds += 31
    assert await verifier.verify(stack.token())
    assert await verifier.verify(stack.token(key=old))
    assert fetches(stack) == 2


async def test_keys_that_are_withdrawn_are_forgotten_within_the_hour(
    verifier: TokenVerifier, stack: FakeStack, clock: Clock
) -> None:
    withdrawn = stack.token()
    assert await verifier.verify(withdrawn)
    stack.keys = [Key()]
    clock.seconds += 3_601
    await verifier.verify(withdrawn)  # what is at hand serves, and the new ones are fetched
    while fetches(stack) < 2:  # noqa: ASYNC110 - it is in another thread
        await asyncio.sleep(0.01)
    assert await verifier.verify(stack.token())
    assert (await refusal(verifier.verify(withdrawn))).code == "invalid_token"


async def test_invented_key_ids_do_not_become_requests_to_the_provider(
    verifier: TokenVerifier, stack: FakeStack, clock: Clock
) -> None:
    assert await verifier.verify(stack.token())
    clock.seconds += 31
    for _ in range(50):
        await refusal(verifier.verify(stack.token(key=Key())))
    assert fetches(stack) == 2
    clock.seconds += 31
    await asyncio.gather(*(refusal(verifier.verify(stack.token(key=Key()))) for _ in range(50)))
    assert fetches(stack) == 3


async def test_many_at_once_fetch_the_keys_once(verifier: TokenVerifier, stack: FakeStack) -> None:
    tokens = [stack.token() for _ in range(20)]
    assert len(await asyncio.gather(*map(verifier.verify, tokens))) == 20
    assert fetches(stack) == 1


BROKEN: dict[str, Any] = {
    "closed": {"down": True},
    "error": {"status": 500},
    "too many requests": {"status": 429},
    "a redirect": {"status": 302, "answer_headers": {"Location": "https://evil.example/jwks"}},
    "no JSON": {"status": 200, "body": b"<html>"},
    "brackets": {"status": 200, "body": b"[" * 50_000},
    "another shape": {"jwks": {"keys": "many"}},
    "no keys": {"jwks": {"keys": []}},
    "unusable keys": {"jwks": {"keys": [{"kid": "a", "kty": "oct", "k": "secret"}, 5, None]}},
    "endless": {"status": 200, "body": b" " * 200_000},
}


@pytest.mark.parametrize("name", BROKEN)
async def test_without_keys_it_is_an_explained_503(
    verifier: TokenVerifier, stack: FakeStack, name: str
) -> None:
    for attribute, value in BROKEN[name].items():
        setattr(stack, attribute, value)
    error = await refusal(verifier.verify(stack.token()))
    assert (error.code, error.status) == ("identity_unavailable", 503)
    assert error.retry_after


@pytest.mark.parametrize("name", BROKEN)
async def test_keys_that_are_known_go_on_serving_when_no_others_can_be_had(
    verifier: TokenVerifier, stack: FakeStack, clock: Clock, name: str
) -> None:
    assert await verifier.verify(stack.token())
    for attribute, value in BROKEN[name].items():
        setattr(stack, attribute, value)
    clock.seconds += 7_200
    assert await verifier.verify(stack.token())
    await asyncio.sleep(0.05)
    assert await verifier.verify(stack.token())
    assert (await refusal(verifier.verify(stack.token(key=Key())))).code == "invalid_token"


async def test_it_recovers_by_itself(
    verifier: TokenVerifier, stack: FakeStack, clock: Clock
) -> None:
    stack.down = True
    await refusal(verifier.verify(stack.token()))
    await refusal(verifier.verify(stack.token()))
    assert fetches(stack) == 1, "while it is down it is not asked with every request"
    stack.recover()
    clock.seconds += 3
    assert await verifier.verify(stack.token())


async def test_a_provider_that_hangs_is_not_waited_for(
    verifier: TokenVerifier, stack: FakeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_module, "FETCH_SECONDS", 0.2)
    stack.hang = True
    began = time.monotonic()
    error = await refusal(verifier.verify(stack.token()))
    assert error.code == "identity_unavailable"
    assert time.monotonic() - began < 2


async def test_whoever_gives_up_does_not_take_the_keys_from_the_others(
    stack: FakeStack,
) -> None:
    async with httpx.AsyncClient() as http:
        keys = KeySet(f"{stack.issuer}/.well-known/jwks.json", http)
        first = asyncio.create_task(keys.key(stack.keys[0].kid))
        await asyncio.sleep(0)
        second = asyncio.create_task(keys.key(stack.keys[0].kid))
        await asyncio.sleep(0)
        first.cancel()
        assert await second
        await keys.close()


def test_only_keys_for_es256_are_used() -> None:
    good = ec.generate_private_key(ec.SECP256R1()).public_key()
    entry = ECAlgorithm.to_jwk(good, as_dict=True)
    other_curve = ec.generate_private_key(ec.SECP384R1()).public_key()
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    document = {
        "keys": [
            {**entry, "kid": "good"},
            {**entry, "kid": "encryption", "use": "enc"},
            {**entry, "kid": "other algorithm", "alg": "ES384"},
            {**entry, "kid": "off the curve", "x": entry["y"]},
            {**entry},
            {**ECAlgorithm.to_jwk(other_curve, as_dict=True), "kid": "other curve"},
            {**RSAAlgorithm.to_jwk(rsa_key, as_dict=True), "kid": "rsa"},
            {"kty": "EC", "crv": "P-256", "kid": "no point"},
        ]
    }
    assert list(usable_keys(document)) == ["good"]
    assert usable_keys(document)["good"].public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    ) == good.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for nonsense in (None, [], "x", {"keys": None}, {"keys": {"kid": {}}}):
        assert usable_keys(nonsense) == {}
