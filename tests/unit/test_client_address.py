"""Whose address counts, and that a client cannot choose it."""

import pytest

from blossomer.services.client_address import anonymous_key, client_address

PEER = "10.0.0.9"


@pytest.mark.parametrize(
    ("forwarded_for", "hops", "expected"),
    [
        pytest.param([], 0, PEER, id="no header"),
        pytest.param(["203.0.113.7"], 0, PEER, id="a header without a proxy is invented"),
        pytest.param(["203.0.113.7"], 1, "203.0.113.7", id="one proxy"),
        pytest.param(["1.2.3.4, 203.0.113.7"], 1, "203.0.113.7", id="spoofed in front"),
        pytest.param(["1.2.3.4", "203.0.113.7"], 1, "203.0.113.7", id="spoofed in another header"),
        pytest.param(["1.2.3.4, 203.0.113.7, 10.0.0.2"], 2, "203.0.113.7", id="two proxies"),
        pytest.param(["9.9.9.9,1.2.3.4", "203.0.113.7,10.0.0.2"], 2, "203.0.113.7", id="mixed"),
        pytest.param(["203.0.113.7"], 2, PEER, id="shorter than the chain"),
        pytest.param([""], 1, PEER, id="empty"),
        pytest.param(["unknown"], 1, PEER, id="not an address"),
        pytest.param(["203.0.113.7, evil<script>"], 1, PEER, id="garbage at the trusted place"),
        pytest.param(["999.1.1.1"], 1, PEER, id="out of range"),
        pytest.param(["203.0.113.7:5123"], 1, "203.0.113.7", id="with a port"),
        pytest.param(["[2001:db8::1]:443"], 1, "2001:db8::1", id="v6 with a port"),
        pytest.param(["2001:DB8:0:0::1"], 1, "2001:db8::1", id="v6 in long form"),
        pytest.param(["::ffff:203.0.113.7"], 1, "203.0.113.7", id="v4 inside v6"),
        pytest.param(['"203.0.113.7"'], 1, "203.0.113.7", id="quoted"),
        pytest.param(["203.0.113.7"], -1, PEER, id="a negative number of proxies"),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(
    forwarded_for: list[str], hops: int, expected: str
) -> None:
    assert client_address(PEER, forwarded_for, hops) == expected


def test_a_peer_without_an_address_still_has_a_key() -> None:
    assert client_address(None, [], 0) == "unknown"
    assert client_address("unix-socket", [], 0) == "unix-socket"
    assert anonymous_key("unknown") == "anonymous:unknown"


def test_a_whole_v6_network_is_counted_as_one() -> None:
    one = anonymous_key("2001:db8:1:2::1")
    assert one == anonymous_key("2001:db8:1:2:ffff:ffff:ffff:ffff")
    assert one != anonymous_key("2001:db8:1:3::1")


def test_the_same_v4_address_has_one_key_in_both_notations() -> None:
    assert anonymous_key(client_address("::ffff:203.0.113.7", [], 0)) == anonymous_key(
        "203.0.113.7"
    )
    assert anonymous_key("203.0.113.7") != anonymous_key("203.0.113.8")
