"""Programs to differentiate: `expressions`, their random `generation`, `graphs`, a `perceptron`."""
