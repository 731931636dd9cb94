"""When two accounts may become one."""

import pytest

from marelle.domain.payments.rules.merging import Against, Held, Obstacle, against

NOTHING = Held({}, {}, is_paying=False)


def held(guardians=None, posts=None, *, is_paying=False):
    return Held(guardians or {}, posts or {}, is_paying=is_paying)


@pytest.mark.parametrize(
    ("ended", "kept", "found"),
    [
        pytest.param(NOTHING, NOTHING, [], id="nothing at all"),
        pytest.param(held({1: 10}), held({2: 20}), [], id="two families"),
        pytest.param(held({1: 10}), held({1: 10}), [], id="the same guardian of one family"),
        pytest.param(held({1: 10}), held({1: 11}), [(Obstacle.TWO_GUARDIANS, 1)], id="two guardians of one family"),
        pytest.param(
            held({3: 30, 1: 10, 2: 20}),
            held({1: 11, 3: 31, 2: 20}),
            [(Obstacle.TWO_GUARDIANS, 1), (Obstacle.TWO_GUARDIANS, 3)],
            id="each family is told, in order",
        ),
        pytest.param(held(posts={7: True}), held(posts={8: True}), [], id="posts of two authorities"),
        pytest.param(held(posts={7: True}), held(posts={7: True}), [(Obstacle.TWO_POSTS, 7)], id="two open posts"),
        pytest.param(
            held(posts={7: True}), held(posts={7: False}), [(Obstacle.CLOSED_POST, 7)], id="closed, in the way"
        ),
        pytest.param(held(posts={7: False}), held(posts={7: True}), [], id="closed, and stays"),
        pytest.param(held(posts={7: False}), held(posts={7: False}), [], id="both closed"),
        pytest.param(held(is_paying=True), NOTHING, [(Obstacle.PAYING, None)], id="the one that ends pays"),
        pytest.param(NOTHING, held(is_paying=True), [(Obstacle.PAYING, None)], id="the one that is kept pays"),
        pytest.param(
            held({1: 10}, {7: True}, is_paying=True),
            held({1: 11}, {7: True}, is_paying=True),
            [(Obstacle.TWO_GUARDIANS, 1), (Obstacle.TWO_POSTS, 7), (Obstacle.PAYING, None)],
            id="all of it, once each",
        ),
    ],
)
def test_what_stands_against_it(ended, kept, found):
    assert against(ended, kept) == tuple(Against(*one) for one in found)
