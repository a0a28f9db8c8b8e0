"""The GPT demo: the names, the training plain and compiled, what is asked of it, the program."""

import math
import random
from functools import cache
from pathlib import Path
from string import ascii_lowercase

import pytest
from commands import caller, check_pictures, runner

from demos.first_names import EDGE, TOKENS, Names, all_names, decode, encode, guesses, loss, split
from demos.gpt import names_report
from demos.gpt_model import GPT
from demos.gpt_pictures import smoothed
from demos.gpt_training import Comparison, Reader, train
from nn import cross_entropy

run = runner("gpt")
call = caller("gpt")

PICTURES = ("attention.png", "graph.svg", "loss.png")
SHORT = [name for name in all_names() if len(name) == 2]  # one program to compile
ONE_LENGTH = ("--seed", "292")  # of the first five names that are drawn: one program


@cache
def trained(steps: int = 15, jit: bool = False) -> GPT:
    model = GPT(TOKENS, rng=random.Random(2))
    train(model, all_names(), steps, 0.01, random.Random(2), jit)
    return model


def test_the_names_fit_the_model() -> None:
    names = all_names()
    assert len(names) == len(set(names)) == 5163
    assert {"mary", "james", "zulma"} < set(names)
    assert set("".join(names)) == set(ascii_lowercase)
    for name in names:
        tokens = encode(name)
        assert decode(tokens) == name
        assert tokens[0] == tokens[-1] == EDGE
        assert all(0 < token < TOKENS for token in tokens[1:-1])
        assert len(tokens) - 1 <= 16


def test_one_name_in_ten_is_held_out() -> None:
    names = all_names()
    training, held_out = split(names, random.Random(1))
    assert len(held_out) == 516
    assert sorted([*training, *held_out]) == names
    assert split(names, random.Random(1)) == (training, held_out)
    assert split(names, random.Random(2)).held_out != held_out


def test_guessing_by_counting() -> None:
    found = guesses(Names(training=["aa", "ab"], held_out=["b"]))
    a, b, edge = 1, 2, EDGE
    letters = {a: 3, b: 1, edge: 2}
    by_letter = -(math.log(2 / (6 + 27)) + math.log(3 / (6 + 27))) / 2
    assert letters[b] + 1 == 2
    assert letters[edge] + 1 == 3
    by_pair = -(math.log((0 + 1) / (2 + 27)) + math.log((1 + 1) / (1 + 27))) / 2
    assert list(found.values()) == pytest.approx([math.log(27), by_letter, by_pair])


def test_each_name_weighs_the_same() -> None:
    assert loss(["ann"], lambda before, token: 0.5 if token else 0.25) == pytest.approx(
        -(3 * math.log(0.5) + math.log(0.25)) / 4
    )
    both = loss(["ann", "bo"], lambda before, token: 0.5 if token else 0.25)
    one = loss(["bo"], lambda before, token: 0.5 if token else 0.25)
    assert both == pytest.approx((loss(["ann"], lambda _, t: 0.5 if t else 0.25) + one) / 2)


def test_a_difference_is_noticed() -> None:
    assert not Comparison([1.0, 2.0], [1.0, 2.00000001], 0.0).same
    assert not Comparison([1.0], [1.0], 1e-8).same
    assert not Comparison([1.0], [math.nan], 0.0).same


@pytest.mark.slow
@pytest.mark.parametrize("jit", [True, False])
def test_the_same_seed_gives_the_same_training(jit: bool) -> None:
    def losses(seed: int) -> list[float]:
        model = GPT(TOKENS, rng=random.Random(seed))
        return train(model, SHORT, 4, 0.01, random.Random(seed), jit)

    first = losses(7)
    assert first == losses(7)
    assert jit or first != losses(8)  # one more program to compile


@pytest.mark.slow
def test_a_training_lowers_the_loss() -> None:
    start = GPT(TOKENS, rng=random.Random(2))
    names = all_names()[::200]
    assert Reader(start, jit=False).loss(names) == pytest.approx(math.log(TOKENS), abs=0.1)
    assert Reader(trained(), jit=False).loss(names) < 3.0


@pytest.mark.slow
def test_what_is_asked_compiled_and_plain_is_the_same() -> None:
    plain, compiled = (Reader(trained(), jit) for jit in (False, True))
    for name in ("jo", "josephine"):
        tokens = encode(name)[:-1]
        for row, expected in zip(compiled.logits(tokens), plain.logits(tokens), strict=True):
            assert row == pytest.approx(expected, rel=1e-9, abs=1e-12)
        for head, rows in zip(compiled.shares(tokens), plain.shares(tokens), strict=True):
            assert [len(row) for row in head] == list(range(1, len(tokens) + 1))
            for row, expected in zip(head, rows, strict=True):
                assert sum(row) == pytest.approx(1)
                assert row == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_the_loss_of_names() -> None:
    reader = Reader(trained(), jit=False)
    by_hand = []
    for name in ("abby", "zoe"):
        tokens = encode(name)
        logits = [[x.data for x in row] for row in trained()(tokens[:-1])]
        by_hand.append(cross_entropy(logits, tokens[1:]))
    assert reader.loss(["abby", "zoe"]) == pytest.approx(sum(by_hand) / 2)


@pytest.mark.slow
def test_invented_names_are_of_letters() -> None:
    plain, compiled = (Reader(trained(), jit) for jit in (False, True))
    rng = random.Random(5)
    names = [plain.invent(rng, 1.0) for _ in range(8)]
    assert len(set(names)) > 4
    for name in names:
        assert set(name) <= set(ascii_lowercase)
        assert len(name) < len(trained().position)
    rng = random.Random(5)
    assert [compiled.invent(rng, 1.0) for _ in range(8)] == names


def test_the_colder_the_likelier() -> None:
    reader = Reader(trained(), jit=False)
    cold = {reader.invent(random.Random(seed), 1e-3) for seed in range(4)}
    assert len(cold) == 1
    first = encode(*cold)[1]
    logits = reader.logits([EDGE])[0]
    assert logits[first] == max(logits)


def test_what_is_new_and_what_is_not() -> None:
    text = names_report(["ann", "bo", "zzyx", "bo"], Names(["ann", "eve"], ["bo"]))
    lines = [line.split() for line in text.splitlines()]
    assert lines[1] == ["new", "(1)", "zzyx"]
    assert lines[2] == ["real,", "but", "held", "out", "(2)", "bo", "bo"]
    assert lines[3] == ["learned", "from", "(1)", "ann"]


def test_the_running_mean() -> None:
    numbers = [random.Random(0).random() for _ in range(9)]
    assert smoothed([2.0] * 9, 3) == pytest.approx([2.0] * 9)
    assert smoothed(numbers, 5)[4] == pytest.approx(sum(numbers[2:7]) / 5)
    assert smoothed(numbers, 5)[:2] == pytest.approx([numbers[0], sum(numbers[:3]) / 3])
    assert smoothed(numbers, 5)[8] == pytest.approx(sum(numbers[6:]) / 3)


@pytest.mark.slow
def test_the_program_learns_without_jit(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "gpt"
    done = run("--no-jit", "--steps", "40", "--lr", "0.01", "--samples", "3", "--out", str(out))
    assert done.returncode == 0
    assert done.stderr == ""
    assert "4192 parameters; 4647 names to learn from, 516 held out" in done.stdout
    assert "plain: 40 steps in " in done.stdout
    assert "3 names it invented" in done.stdout
    check_pictures(out, *PICTURES)


@pytest.mark.slow
def test_the_program_says_when_it_has_not_learned(tmp_path: Path) -> None:
    done = call(*ONE_LENGTH, "--steps", "2", "--samples", "0", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "Not learned: the loss on names held out is 3." in done.stderr
    assert "compiled: 2 steps in " in done.stdout
    check_pictures(tmp_path, *PICTURES)


@pytest.mark.slow
def test_the_program_says_when_the_training_diverges(tmp_path: Path) -> None:
    done = call("--lr", "1e308", "--steps", "3", "--no-jit", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "diverged; try a smaller --lr" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_program_compares(tmp_path: Path) -> None:
    done = call("--compare", "--steps", "5", *ONE_LENGTH, "--out", str(tmp_path / "none"))
    assert done.returncode == 0
    assert len([line for line in done.stdout.splitlines() if line[:6].strip().isdigit()]) == 5
    assert "Greatest difference of a loss" in done.stdout
    assert not (tmp_path / "none").exists()
