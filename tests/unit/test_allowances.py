"""So many at once, and so many a second from then on."""

from blossomer.services.allowances import SECONDS_SAVED_UP, Allowance, Allowances


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_and_so_many_a_second() -> None:
    clock = Clock()
    allowance = Allowance(5, 2, clock)
    assert [allowance.take() for _ in range(7)] == [True] * 5 + [False] * 2
    clock.now += 1.0
    assert [allowance.take() for _ in range(3)] == [True, True, False]
    clock.now += 3600
    assert [allowance.take() for _ in range(6)] == [True] * 5 + [False]


def test_what_is_refused_is_not_owed() -> None:
    clock = Clock()
    allowance = Allowance(5, 1, clock)
    for _ in range(1_000):
        allowance.take()
    clock.now += 1.0
    assert allowance.take()


def test_each_key_has_its_own_and_the_oldest_are_forgotten() -> None:
    clock = Clock()
    allowances = Allowances(1, most_keys=3, clock=clock)
    at_once = int(SECONDS_SAVED_UP)
    assert all(allowances.take("ada") for _ in range(at_once))
    assert not allowances.take("ada")
    assert allowances.take("bob")
    assert not allowances.take("ada")
    for name in ("carol", "dave"):
        allowances.take(name)
    assert len(allowances._of) == 3
    assert not allowances.take("ada"), "whoever was here last is still known"
