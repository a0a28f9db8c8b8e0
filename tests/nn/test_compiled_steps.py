"""`fit` with compiled steps: the same training as with plain ones, but for rounding."""

import math
import random
import signal
import threading
from contextlib import nullcontext, suppress
from typing import Any

import pytest

import nn
from autograd import Value
from nn import training
from nn.compiled_steps import CompiledSteps
from nn.history import History
from nn.optimizer import Optimizer
from nn.schedules import ExponentialDecay

pytest.importorskip("numpy")

SOURCE = random.Random(0)
ROWS = [[SOURCE.uniform(-1, 1), SOURCE.uniform(-1, 1)] for _ in range(12)]
LABELS = [1.0 if x * y > 0 else -1.0 for x, y in ROWS]
CLASSES = [int(x > 0) + int(y > 0) for x, y in ROWS]


class Signs(Optimizer):
    """A rule of floats alone."""

    rule = staticmethod(lambda data, grad, *, step, lr: (data - lr * math.copysign(1.0, grad),))


class Twice(nn.SGD):
    """An optimiser with a step of its own."""

    def step(self) -> None:
        super().step()
        super().step()


OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda ps: nn.SGD(ps, lr=0.1),
    "momentum": lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, weight_decay=0.01),
    "nesterov": lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, nesterov=True),
    "adagrad": lambda ps: nn.Adagrad(ps, lr=0.1, lr_decay=0.1, weight_decay=0.01),
    "rmsprop": lambda ps: nn.RMSprop(ps, lr=0.01, momentum=0.5, weight_decay=0.01),
    "adam": lambda ps: nn.Adam(ps, lr=0.05, weight_decay=0.01),
    "no betas": lambda ps: nn.Adam(ps, lr=0.01, betas=(0.0, 0.0)),
    "adamw": lambda ps: nn.AdamW(ps, lr=0.05),
    "amsgrad": lambda ps: nn.Adam(ps, lr=0.05, betas=(0.5, 0.5), amsgrad=True),
    "lion": lambda ps: nn.Lion(ps, lr=0.01),
    "own rule": lambda ps: Signs(ps, lr=0.01),
    "own step": lambda ps: Twice(ps, lr=0.05),
}
WHOLE = [name for name in OPTIMIZERS if not name.startswith("own")]


def network(sizes: tuple[int, ...] = (4, 1), activation: str = "tanh") -> nn.MLP:
    return nn.MLP(2, list(sizes), activation=activation, rng=0)


def everything(model: nn.Module, optimizer: Any) -> list[float]:
    """Parameters, gradients, slots and the number of steps."""
    parameters = model.parameters()
    slots = [x for column in optimizer.slots.values() for x in column]
    return [*(p.data for p in parameters), *(p.grad for p in parameters), *slots, optimizer.steps]


def train(model: nn.Module, optimizer: Any, jit: bool | None = None, **options: Any) -> History:
    options = {"loss": nn.mean_squared_error, "epochs": 20, **options}
    return training.fit(model, (ROWS, LABELS), optimizer=optimizer, jit=jit, **options)


def told(reason: str) -> Any:
    """`fit(jit=True)` says why it does not compile a step."""
    return pytest.warns(RuntimeWarning, match=f"fit: jit=True, but .*{reason}")


def both(
    make: Any = network, optimizer: str = "momentum", epochs: int = 50, **options: Any
) -> list[Any]:
    """A training with plain steps and one with compiled ones: both must end at the same."""
    found = []
    options = {"loss": nn.mean_squared_error, "rng": 0, **options}
    targets = options.pop("targets", LABELS)
    for jit in (False, True):
        model = make()
        moves = OPTIMIZERS[optimizer](model.parameters())
        more = {k: x() if k in ("schedule", "early_stopping") else x for k, x in options.items()}
        history = training.fit(
            model, (ROWS, targets), optimizer=moves, epochs=epochs, jit=jit, **more
        )
        found.append((history, everything(model, moves)))
    (plain, at), (compiled, there) = found
    assert there == pytest.approx(at, rel=1e-9, abs=1e-9)
    assert compiled.columns == plain.columns
    for name in plain.columns:
        assert compiled[name] == pytest.approx(plain[name], rel=1e-9, abs=1e-12)
    return found


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("sizes", [(1,), (8, 1)], ids=["python", "numpy"])
def test_every_optimizer(
    optimizer: str, sizes: tuple[int, ...], steppers: list[CompiledSteps]
) -> None:
    both(lambda: network(sizes), optimizer)
    (stepper,) = steppers
    assert stepper.compiled == 50
    assert stepper.memory["separate"] is (optimizer not in WHOLE)


class Spelled(nn.Module):
    """A model whose code makes a dict, which a trace watches for numbers that are keys."""

    def __init__(self) -> None:
        self.layer = nn.Layer(2, 1, False, rng=0)

    def __call__(self, row: list[Any]) -> Any:
        by_name = dict(zip("xy", row, strict=True))
        return self.layer([by_name["x"], by_name["y"]])


def test_a_model_that_makes_dicts_is_compiled_with_its_update(
    steppers: list[CompiledSteps],
) -> None:
    both(Spelled, "adam")
    assert (steppers[0].compiled, steppers[0].memory["separate"]) == (50, False)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_shuffled_batches_with_a_smaller_last_one(
    optimizer: str, steppers: list[CompiledSteps]
) -> None:
    both(optimizer=optimizer, epochs=10, batch_size=5)
    assert steppers[0].compiled == 30
    assert len(steppers[0].memory["specialisations"]) == 2


def test_metrics_validation_schedule_and_early_stopping() -> None:
    both(
        epochs=20,
        batch_size=6,
        metrics=["sign_accuracy"],
        validation=(ROWS[:4], LABELS[:4]),
        schedule=lambda: ExponentialDecay(0.9),
        early_stopping=lambda: nn.EarlyStopping(patience=3),
    )


@pytest.mark.parametrize("batch_size", [None, 4])
def test_classes(batch_size: int | None, steppers: list[CompiledSteps]) -> None:
    both(
        lambda: network((4, 3)),
        "adam",
        targets=CLASSES,
        loss=nn.cross_entropy,
        metrics=["accuracy"],
        batch_size=batch_size,
        epochs=20,
    )
    assert steppers[0].compiled == (60 if batch_size else 20)


def test_clipping(steppers: list[CompiledSteps]) -> None:
    both(before_step=lambda parameters: nn.clip_gradient_norm(parameters, 0.05))
    assert steppers[0].compiled == 50


def test_parameters_that_the_optimizer_does_not_move() -> None:
    models = []
    for jit in (False, True):
        model = network()
        optimizer = nn.SGD(model.parameters()[:3], lr=0.1)
        train(model, optimizer, jit, frozen=model.parameters()[3:])
        models.append(everything(model, optimizer))
    assert models[1] == pytest.approx(models[0], rel=1e-9)


def test_a_parameter_that_the_loss_does_not_read() -> None:
    class Idle(nn.MLP):
        def __init__(self) -> None:
            super().__init__(2, [2, 1], rng=0)
            self.idle = Value(3.0)

    both(Idle, "adamw")


def test_branches_on_parameters(steppers: list[CompiledSteps]) -> None:
    def loss(outputs: list[Any], targets: list[Any]) -> Any:
        error = nn.mean_squared_error(outputs, targets)
        return error if error > 0.9 else error * 2

    both(loss=loss)
    assert steppers[0].compiled == 50
    assert [len(known) for known in steppers[0].memory["specialisations"].values()] == [2]


# What runs as it is


def test_a_model_that_draws_at_random_is_not_compiled(steppers: list[CompiledSteps]) -> None:
    def run(jit: bool) -> Any:
        random.seed(5)
        model = network()
        optimizer = nn.SGD(model.parameters(), lr=0.1)

        def noisy(outputs: list[Any], targets: list[Any]) -> Any:
            return nn.mean_squared_error([y + random.gauss(0, 1) for y in outputs], targets)

        with told("draws random numbers") if jit else nullcontext():
            history = train(model, optimizer, jit, loss=noisy)
        return history["loss"], everything(model, optimizer)

    assert run(True) == run(False)
    assert steppers[0].compiled == 0


def test_a_loss_that_asks_for_the_number(steppers: list[CompiledSteps]) -> None:
    def loss(outputs: list[Any], targets: list[Any]) -> Any:
        return nn.mean_squared_error(outputs, targets) * (1 if outputs[0].data > 0 else 2)

    with told("data of Value"):
        both(loss=loss)
    assert steppers[0].compiled == 0


def test_few_steps_are_not_compiled_unasked(steppers: list[CompiledSteps]) -> None:
    for epochs in (5, 120, 600):
        model = network()
        optimizer = nn.SGD(model.parameters(), lr=0.1)
        train(model, optimizer, epochs=epochs)
    assert [stepper.compiled for stepper in steppers] == [0, 599]  # the first is measured


@pytest.mark.parametrize("jit", [False, True])
def test_errors_are_those_of_plain_steps(jit: bool) -> None:
    model = network()
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    with pytest.raises(TypeError, match="the loss must return a Value"):
        train(model, optimizer, jit, loss=lambda outputs, targets: 1.0)
    calls = []

    def refuse(parameters: list[Value]) -> None:
        calls.append(1)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        train(model, optimizer, jit, before_step=refuse)
    assert calls == [1]


@pytest.mark.parametrize("jit", [False, True])
def test_parameters_that_overflow_in_the_last_step_are_told(jit: bool) -> None:
    model = nn.MLP(2, [1], rng=0)
    rows, optimizer = [[1e3, 2e3], [3e3, 4e3]], nn.SGD(model.parameters(), lr=1e307)
    with pytest.warns(RuntimeWarning, match=r"after epoch 1 parameters\[0\] .*not finite"):
        history = nn.fit(
            model,
            (rows, [50.0, 60.0]),
            loss=nn.mean_squared_error,
            optimizer=optimizer,
            epochs=1,
            jit=jit,
        )
    assert history.diverged == 1


# Who looks at parameters on the way


def test_callbacks_see_and_change_them() -> None:
    def run(jit: bool) -> list[Any]:
        seen: list[Any] = []

        def listen(epoch: training.Epoch) -> None:
            seen.append(everything(epoch.model, epoch.optimizer))
            optimizer: Any = epoch.optimizer
            epoch.model.parameters()[0].data *= 0.5
            optimizer.slots["velocity"][1] = 0.0
            optimizer.momentum = 0.5 if len(seen) > 3 else 0.9

        model = network()
        optimizer = nn.SGD(model.parameters(), lr=0.1, momentum=0.9)
        train(model, optimizer, jit, epochs=10, callbacks=[listen])
        return seen

    for plain, compiled in zip(run(False), run(True), strict=True):
        assert compiled == pytest.approx(plain, rel=1e-9)


def test_options_that_change_in_each_epoch_end_in_plain_steps(
    steppers: list[CompiledSteps],
) -> None:
    def anneal(epoch: training.Epoch) -> None:
        optimizer: Any = epoch.optimizer
        optimizer.momentum *= 0.9

    with told(r"options of the optimiser \(momentum, .*\) have changed more than 8 times"):
        both(epochs=14, callbacks=[anneal])
    assert steppers[0].compiled == 9


def test_ctrl_c_and_errors_leave_what_was_learned() -> None:
    ends = []
    for jit in (False, True):
        for error in (KeyboardInterrupt, RuntimeError):
            model = network()
            optimizer = nn.SGD(model.parameters(), lr=0.1, momentum=0.5)

            class Halting(ExponentialDecay):
                def factor(self, epoch: int, loss: float | None) -> float:
                    if epoch == 7:
                        raise error  # noqa: B023
                    return super().factor(epoch, loss)

            try:
                train(model, optimizer, jit, schedule=Halting(0.9))
            except RuntimeError:
                assert error is RuntimeError
            assert optimizer.steps == 7
            ends.append(everything(model, optimizer))
    for end in ends[1:]:
        assert end == pytest.approx(ends[0], rel=1e-9)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_at_any_moment_falls_between_two_steps(presses: int) -> None:
    class Pressing(ExponentialDecay):
        """Presses Ctrl-C while one of the next steps is under way."""

        def factor(self, epoch: int, loss: float | None) -> float:
            if epoch == 5:
                timer.start()
            return 1.0

    def press() -> None:
        for _ in range(presses):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    def run(epochs: int, schedule: Any) -> tuple[History, list[float]]:
        model = network((8, 1))
        optimizer = nn.Adam(model.parameters(), lr=0.001)
        histories: list[History] = []
        # The second press may be so late that the training has ended by the first: it is raised.
        with suppress(*[KeyboardInterrupt] * (presses - 1)):
            listen = [lambda epoch: histories.append(epoch.history)]
            train(model, optimizer, True, epochs=epochs, schedule=schedule, callbacks=listen)
            timer.join()
        return histories[0], everything(model, optimizer)

    timer = threading.Timer(0.03, press)
    history, found = run(10**9, Pressing(0.5))
    assert history.interrupted
    assert found == run(int(found[-1]), ExponentialDecay(1.0))[1]
    assert len(history) <= found[-1] <= len(history) + 1
