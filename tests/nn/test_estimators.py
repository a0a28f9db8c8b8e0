"""`nn.sklearn`: the contract of scikit-learn's estimators, and its networks as the reference."""

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import exp, softmax
from nn import ACTIVATIONS, MLP

np = pytest.importorskip("numpy")
pytest.importorskip("sklearn", minversion="1.6")

from sklearn.base import clone  # noqa: E402
from sklearn.datasets import load_iris, make_classification, make_moons, make_regression  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.neural_network import MLPClassifier as TheirClassifier  # noqa: E402
from sklearn.neural_network import MLPRegressor as TheirRegressor  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from nn.sklearn import MLPClassifier, MLPRegressor  # noqa: E402
from nn.sklearn.workshop import BLOCK, outputs, workshop  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning"),
]
MOONS = make_moons(80, noise=0.1, random_state=0)
QUICK: dict[str, Any] = {"learning_rate_init": 0.05, "max_iter": 40, "random_state": 0}


@pytest.mark.slow
@parametrize_with_checks([MLPClassifier((8,), **QUICK), MLPRegressor((8,), **QUICK)])
def test_the_contract_of_estimators(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.peers
@parametrize_with_checks([MLPClassifier((10,))])  # of a hundred neurons LLVM has ten times the work
def test_the_contract_with_the_default_arguments(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.peers
def test_the_default_arguments_learn() -> None:
    assert MLPClassifier(random_state=0).fit(*MOONS).score(*MOONS) > 0.8


def numbers(estimator: Any) -> Any:
    return np.concatenate([np.ravel(x) for x in estimator.coefs_ + estimator.intercepts_])


@given(
    seed=st.integers(0, 2**31),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=2),
    activation=st.sampled_from(["tanh", "logistic", "identity", "relu"]),
    classes=st.integers(1, 3),  # 1: a regression
    alpha=st.sampled_from([0.0, 0.1]),
    momentum=st.sampled_from([0.0, 0.9]),
    nesterov=st.booleans(),
    outputs=st.integers(1, 2),
)
def test_steps_are_those_of_the_networks_of_scikit_learn(
    seed: int,
    sizes: list[int],
    activation: str,
    classes: int,
    alpha: float,
    momentum: float,
    nesterov: bool,
    outputs: int,
) -> None:
    options = {
        "hidden_layer_sizes": sizes,
        "activation": activation,
        "solver": "sgd",
        "alpha": alpha,
        "momentum": momentum,
        "nesterovs_momentum": nesterov,
        "learning_rate_init": 0.1,
        "random_state": seed,
    }
    ours: Any
    theirs: Any
    if classes == 1:
        # its gradient is that of the sum over the numbers of a row; ours, as both losses, the mean
        scaled = options | {"learning_rate_init": 0.1 * outputs, "alpha": alpha / outputs}
        ours, theirs = MLPRegressor(**scaled), TheirRegressor(**options, shuffle=False)
        X, y = make_regression(12, 3, n_targets=outputs, random_state=seed)  # noqa: N806
        y /= 100.0
    else:
        ours, theirs = MLPClassifier(**options), TheirClassifier(**options, shuffle=False)
        X, y = make_classification(  # noqa: N806
            12,
            3,
            n_informative=3,
            n_redundant=0,
            n_classes=classes,
            n_clusters_per_class=1,
            random_state=seed,
        )
    ours.partial_fit(X, y)
    known = {} if classes == 1 else {"classes": np.unique(y)}
    theirs.partial_fit(X, y, **known)  # only to have its arrays
    theirs.coefs_, theirs.intercepts_ = ours.coefs_, ours.intercepts_
    theirs._optimizer.params = theirs.coefs_ + theirs.intercepts_
    for velocity in theirs._optimizer.velocities:
        velocity[:] = 0.0
    ours.optimizer_.slots["velocity"] = [0.0] * len(ours.model_.parameters())
    for _ in range(5):
        ours.partial_fit(X, y)
        theirs.partial_fit(X, y)
    np.testing.assert_allclose(numbers(ours), numbers(theirs), rtol=1e-9, atol=1e-11)
    if classes > 1 or outputs == 1 or not alpha:
        assert ours.loss_curve_[1:] == pytest.approx(theirs.loss_curve_[1:], rel=1e-9)
    if classes == 1:
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-9, atol=1e-10)
    else:
        found = ours.predict_proba(X)
        clear = np.diff(np.sort(found))[:, -1] > 1e-9  # where classes tie, rounding decides
        assert (ours.predict(X) == theirs.predict(X))[clear].all()
        np.testing.assert_allclose(found, theirs.predict_proba(X), rtol=1e-8, atol=1e-11)
        np.testing.assert_allclose(np.log(found), ours.predict_log_proba(X), rtol=1e-9, atol=1e-12)


def test_in_a_pipeline_and_in_cross_validation() -> None:
    X, y = load_iris(return_X_y=True)  # noqa: N806
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((8,), **QUICK))
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.9


@pytest.mark.slow
def test_a_grid_search_over_two_processes() -> None:
    pairs = [((2,), 10.0), ((8,), 1e-4)]
    grid = [{"hidden_layer_sizes": [sizes], "alpha": [alpha]} for sizes, alpha in pairs]
    search = GridSearchCV(MLPClassifier(activation="tanh", **QUICK), grid, n_jobs=2, cv=2)
    search.fit(*MOONS)
    alone = GridSearchCV(MLPClassifier(activation="tanh", **QUICK), grid, cv=2).fit(*MOONS)
    np.testing.assert_allclose(
        search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )
    assert search.best_score_ > 0.8
    assert search.best_params_["alpha"] == 1e-4


def compiled(estimator: Any) -> int:
    """How often steps of networks of this architecture have been traced in this process."""
    kept = workshop(estimator._architecture())._kept
    return sum(function.traces for functions in kept.values() for function in functions.values())


def test_networks_of_one_architecture_are_compiled_once() -> None:
    workshop.cache_clear()
    first = MLPClassifier((7,), max_iter=60, random_state=0).fit(*MOONS)
    once = compiled(first)
    assert once > 0
    for seed in range(1, 4):
        again = clone(first).set_params(random_state=seed, learning_rate_init=0.01 * seed)
        again.fit(MOONS[0] + seed, MOONS[1])
        assert not np.allclose(numbers(again), numbers(first))
    assert compiled(first) == once
    plain = clone(first)
    plain.fit(*MOONS)
    np.testing.assert_array_equal(numbers(plain), numbers(first))  # shared code changes nothing


@pytest.mark.slow
def test_partial_fit_is_compiled_where_it_is_called_often() -> None:
    workshop.cache_clear()
    one, other = MLPRegressor((30,), **QUICK), MLPRegressor((30,), **QUICK)
    X, y = MOONS  # noqa: N806
    for _ in range(60):
        one.partial_fit(X, y)
    assert compiled(one) == 1
    other.set_params(max_iter=60, tol=0.0, n_iter_no_change=100).fit(X, y)
    np.testing.assert_allclose(numbers(one), numbers(other), rtol=1e-9)
    assert one.n_iter_ == other.n_iter_ == 60


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_early_stopping_keeps_the_best_epoch(kind: Any) -> None:
    estimator = kind((4,), early_stopping=True, n_iter_no_change=5, validation_fraction=0.3)
    estimator.set_params(**QUICK | {"max_iter": 200}).fit(*MOONS)
    scores = estimator.validation_scores_
    assert estimator.best_validation_score_ == max(scores)
    assert len(scores) == estimator.n_iter_ == len(estimator.loss_curve_) < 200
    # the rows held out are those that the estimator draws again
    again = clone(estimator)
    again._targets(MOONS[1], None, is_first=True)
    again.n_features_in_ = 2
    again._start(is_first=True)
    _, held_out, _, wanted = again._split(MOONS[0], again._targets(MOONS[1], None, is_first=True))
    found = outputs(estimator.model_, held_out)
    assert estimator._score(wanted, found) == pytest.approx(max(scores), abs=1e-12)


def test_a_training_that_stalls_ends() -> None:
    estimator = MLPRegressor((2,), tol=1e3, n_iter_no_change=7, **QUICK).fit(*MOONS)
    assert estimator.n_iter_ == 8  # the first is an improvement, seven are not


@pytest.mark.filterwarnings("default::sklearn.exceptions.ConvergenceWarning")
def test_a_training_that_is_cut_short_is_reported() -> None:
    with pytest.warns(match="the training ended after max_iter"):
        MLPRegressor((2,), **QUICK | {"max_iter": 2}).fit(*MOONS)


def test_a_copy_predicts_the_same_and_goes_on_the_same() -> None:
    estimator = MLPClassifier((4,), warm_start=True, **QUICK).fit(*MOONS)
    copy = pickle.loads(pickle.dumps(estimator))
    for _ in range(2):
        np.testing.assert_array_equal(
            copy.predict_proba(MOONS[0]), estimator.predict_proba(MOONS[0])
        )
        for each in (copy, estimator):
            each.partial_fit(*MOONS)
    estimator.fit(*MOONS)
    assert len(estimator.loss_curve_) == 40 + 2 + 40


def test_single_precision_and_data_frames() -> None:
    pandas = pytest.importorskip("pandas")
    X = MOONS[0].astype(np.float32)  # noqa: N806
    frame = pandas.DataFrame(X, columns=["length", "width"])
    names = np.array(["red", "blue"])[MOONS[1]]
    by_frame = MLPClassifier((4,), **QUICK).fit(frame, pandas.Series(names))
    by_array = MLPClassifier((4,), **QUICK).fit(X, names)
    assert list(by_frame.feature_names_in_) == ["length", "width"]
    np.testing.assert_array_equal(by_frame.predict(frame), by_array.predict(X))
    with pytest.raises(ValueError, match="feature names"):
        by_frame.predict(frame[["width", "length"]])


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"solver": "lbfgs"}, "solver must be one of 'sgd'"),
        ({"hidden_layer_sizes": (3, 0)}, "hidden_layer_sizes must be positive integers"),
        ({"activation": "swish"}, "activation must be one of 'identity', .*, got str 'swish'"),
        ({"activation": "softmax"}, "activation must be one of"),  # of a row, not of a number
        ({"activation": softmax}, "or a function of one Value"),
        ({"hidden_layer_sizes": 4.0}, "hidden_layer_sizes must be positive integers"),
        ({"hidden_layer_sizes": None}, "hidden_layer_sizes must be positive integers"),
        ({"hidden_layer_sizes": "4"}, "hidden_layer_sizes must be positive integers"),
        ({"hidden_layer_sizes": True}, "hidden_layer_sizes must be positive integers"),
        ({"verbose": "False"}, "verbose must be True or False, got str 'False'"),
        ({"warm_start": "False"}, "warm_start must be True or False, got str 'False'"),
        ({"early_stopping": "False"}, "early_stopping must be True or False"),
        ({"early_stopping": True, "validation_fraction": 0.0}, "validation_fraction must be"),
        ({"early_stopping": True, "validation_fraction": 20}, "above 0 and below 1, got int 20"),
        ({"alpha": -1.0}, "alpha must be a number of at least 0"),
        ({"batch_size": 0}, "batch_size must be a positive integer, got int 0"),
        ({"batch_size": "all"}, "batch_size must be 'auto'"),
        ({"max_iter": 1.5}, "max_iter must be a positive integer"),
        ({"n_iter_no_change": 0}, "n_iter_no_change must be a positive integer"),
        ({"tol": float("nan")}, "tol must be a number"),
        ({"learning_rate_init": 0.0}, "lr must be positive"),
    ],
)
def test_arguments_out_of_range(option: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        MLPRegressor(**option).fit(*MOONS)


def test_classes_that_were_not_announced() -> None:
    estimator = MLPClassifier((3,), **QUICK)
    with pytest.raises(ValueError, match="one class"):
        estimator.partial_fit(MOONS[0], np.zeros(80))
    with pytest.raises(ValueError, match="expected at least two classes, got none"):
        estimator.partial_fit(*MOONS, classes=[])
    estimator = MLPClassifier((3,), **QUICK).partial_fit(*MOONS, classes=[0, 1, 2])
    assert estimator.predict_proba(MOONS[0]).shape == (80, 3)
    with pytest.raises(ValueError, match="classes"):
        estimator.partial_fit(MOONS[0], MOONS[1] + 2)
    with pytest.raises(ValueError, match="early_stopping"):
        estimator.set_params(early_stopping=True).partial_fit(*MOONS)


@pytest.mark.slow
@pytest.mark.parametrize("go_on", ["fit", "partial_fit"])
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize(
    "change",
    [{"activation": "logistic"}, {"hidden_layer_sizes": (4, 4)}, {"hidden_layer_sizes": (5,)}],
)
def test_a_training_goes_on_with_its_network_only(kind: Any, go_on: str, change: Any) -> None:
    estimator = kind((4,), warm_start=True, **QUICK | {"max_iter": 4}).fit(*MOONS)
    before = numbers(estimator)
    estimator.set_params(**change)
    with pytest.raises(ValueError, match="the training goes on with MLP"):
        getattr(estimator, go_on)(*MOONS)
    np.testing.assert_array_equal(numbers(estimator), before)
    estimator.set_params(warm_start=False).fit(*MOONS)
    # what is trained is what predicts
    expected = [estimator.model_(row).data for row in MOONS[0].tolist()]
    np.testing.assert_allclose(outputs(estimator.model_, MOONS[0]), expected)
    assert estimator.model_.layers[0].activation is estimator._began.activation


@pytest.mark.parametrize("solver", ["adam", "sgd", "rmsprop"])
def test_arguments_of_the_solver_may_change_between_epochs(solver: str) -> None:
    estimator = MLPRegressor((4,), solver=solver, **QUICK).partial_fit(*MOONS)
    twin = pickle.loads(pickle.dumps(estimator))
    estimator.set_params(learning_rate_init=0.2).partial_fit(*MOONS)
    twin.optimizer_.lr = twin.learning_rate_init = 0.2
    twin.partial_fit(*MOONS)
    assert estimator.optimizer_.lr == 0.2
    assert estimator.optimizer_.steps == 2
    assert estimator.optimizer_.state() == twin.optimizer_.state()
    before = numbers(estimator)
    estimator.set_params(learning_rate_init=1e-300).partial_fit(*MOONS)
    np.testing.assert_allclose(numbers(estimator), before, rtol=1e-12)
    with pytest.raises(ValueError, match="solver is 'lion', but the training began with"):
        estimator.set_params(solver="lion").partial_fit(*MOONS)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of `fit`, which says where
@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_a_training_that_diverged_is_an_error(kind: Any) -> None:
    options = {**QUICK, "solver": "sgd", "alpha": 1.0, "learning_rate_init": 1e200}
    estimator = kind((4,), **options)
    with pytest.raises(ValueError, match="learning_rate_init smaller"):
        estimator.fit(*MOONS)
    with pytest.raises(ValueError, match="diverged"):
        estimator.partial_fit(*MOONS)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_early_stopping_never_keeps_what_diverged(kind: Any) -> None:
    options = {**QUICK, "solver": "sgd", "alpha": 1.0, "learning_rate_init": 1e30}
    rare = np.r_[np.ones(4), np.zeros(76)]  # outputs that are NaN would be right for most
    estimator = kind((4,), early_stopping=True, validation_fraction=0.5, **options)
    estimator.fit(MOONS[0], rare)
    scores = estimator.validation_scores_
    assert scores[-1] == -np.inf
    assert np.isfinite(numbers(estimator)).all()
    assert np.isfinite(estimator.best_validation_score_)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_targets_beyond_all_floats_are_an_error() -> None:
    with pytest.raises(ValueError, match="the training diverged: the loss is inf"):
        MLPRegressor((4,), **QUICK).fit(MOONS[0], MOONS[1] * 1e200)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_sparse_targets_are_refused_in_words_of_scikit_learn(kind: Any) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match="Sparse data was passed for y"):
        kind((3,), **QUICK).fit(MOONS[0], sparse.csr_matrix(MOONS[1][:, None]))


@pytest.mark.parametrize("options", [{}, {"batch_size": 7}, {"warm_start": True}])
def test_rows_seen_are_counted_as_in_scikit_learn(options: dict[str, Any]) -> None:
    options = {"hidden_layer_sizes": (3,), **QUICK, "max_iter": 3, **options}
    seen = []
    for kind in (MLPClassifier, TheirClassifier):
        stopped = kind(**options, early_stopping=True).fit(*MOONS)
        estimator = kind(**options).fit(*MOONS).fit(*MOONS)
        parts = [estimator.t_, estimator.partial_fit(MOONS[0][:9], MOONS[1][:9]).t_]
        seen.append([stopped.t_, *parts])
    assert seen[0] == seen[1]


def test_a_training_may_go_on_to_its_last_epoch() -> None:
    options: dict[str, Any] = {"tol": 1e3, "n_iter_no_change": float("inf")}
    assert MLPRegressor((2,), **options, **QUICK).fit(*MOONS).n_iter_ == QUICK["max_iter"]
    assert (
        TheirRegressor(hidden_layer_sizes=(2,), **options, **QUICK).fit(*MOONS).n_iter_
        == QUICK["max_iter"]
    )


@pytest.mark.parametrize(
    ("kind", "count", "labels"),
    [
        (MLPRegressor, 4, [0, 1, 0, 1]),  # one row held out has no R²
        (MLPRegressor, 1, [0]),
        (MLPClassifier, 4, [0, 1, 0, 1]),
        (MLPClassifier, 30, [1] + [0] * 29),
    ],
)
def test_too_few_rows_to_hold_some_out(kind: Any, count: int, labels: Any) -> None:
    with pytest.raises(ValueError, match=rf"validation_fraction=0.1 of {count} rows cannot be"):
        kind((3,), early_stopping=True, **QUICK).fit(MOONS[0][:count], labels)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("nouts", [[1], [3, 1], [3, 2]])
def test_outputs_are_those_of_the_model(activation: str, nouts: list[int]) -> None:
    model = MLP(2, nouts, activation=activation, rng=0)
    rows = np.random.default_rng(0).normal(size=(BLOCK // 3 + 5, 2))
    found = outputs(model, rows)
    for i in [0, 1, len(rows) // 2, len(rows) - 1]:
        expected = model(rows[i].tolist())
        expected = [y.data for y in (expected if isinstance(expected, list) else [expected])]
        np.testing.assert_allclose(np.ravel(found[i]), expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(outputs(model, rows[:3]), found[:3], rtol=1e-13, atol=1e-15)


def by_method(x: Any) -> Any:
    return x.tanh()


def by_number(x: Any) -> Any:
    """The number of a Value decides: nothing that is compiled."""
    return x if x.data > 0 else exp(x) - 1


@pytest.mark.parametrize("activation", [by_method, by_number])
@pytest.mark.parametrize("count", [3, BLOCK // 3 + 5])
def test_a_function_of_a_value_predicts_as_it_was_trained(activation: Any, count: int) -> None:
    regressor = MLPRegressor((3,), activation, **QUICK | {"max_iter": 2}).fit(*MOONS)
    rows = np.random.default_rng(0).normal(size=(count, 2))
    found = regressor.predict(rows)
    for i in [0, count - 1]:
        assert found[i] == pytest.approx(regressor.model_(rows[i].tolist()).data, rel=1e-13)
