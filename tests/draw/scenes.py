"""What must hold of every scene, whatever it shows."""

from collections import Counter

from autograd.draw.scene.parts import (
    RESULT,
    NumberNode,
    OperationNode,
    Role,
    Scene,
    UnitNode,
    ValueNode,
)
from autograd.draw.scene.plan import Plan


def assert_sound(plan: Plan) -> None:
    """Everything is drawn once, and in order."""
    scene = plan.scene
    assert_ordered(scene)
    assert_every_value_is_drawn_once(plan)
    names = {node.name: node for node in scene.nodes}
    structure = plan.structure
    for edge in scene.edges:
        tail, head = names[edge.tail], names[edge.head]
        assert edge.members
        assert len(set(edge.members)) == len(edge.members)
        for i, k in edge.members:
            if k == RESULT:
                assert isinstance(tail, OperationNode | UnitNode)
                assert isinstance(head, ValueNode)
                assert i in tail.members
                assert i in head.members
                continue
            source = structure.tails[i][k]
            assert (source is None) == isinstance(tail, NumberNode)
            if source is not None and not isinstance(tail, NumberNode):
                assert source in tail.members
            assert isinstance(head, OperationNode | UnitNode)
            if isinstance(head, OperationNode):
                assert i in head.members


def assert_ordered(scene: Scene) -> None:
    names = [node.name for node in scene.nodes] + [box.name for box in scene.boxes]
    position = {name: index for index, name in enumerate(names)}
    assert len(position) == len(names)
    assert all(position[edge.tail] < position[edge.head] for edge in scene.edges)
    seen: set[str | None] = {None}
    for box in scene.boxes:
        assert box.parent in seen
        seen.add(box.name)
    assert {node.box for node in scene.nodes} <= seen


def assert_every_value_is_drawn_once(plan: Plan) -> None:
    """Outputs are drawn as such; they, and labels in a summary, may come out of a unit besides."""
    drawn: Counter[int] = Counter()
    outputs: set[int] = set()
    units: list[int] = []
    for node in plan.scene.nodes:
        if isinstance(node, ValueNode):
            drawn.update(node.members)
            outputs.update(node.members if node.role is Role.OUTPUT else ())
        elif isinstance(node, UnitNode):
            units += [*node.members, *node.inside]
    beside = outputs if plan.scene.detail != "summary" else set(drawn)
    drawn.update(i for i in units if i not in beside)
    leaves = {i for i in plan.outputs if plan.structure.primitives[i] is None}
    assert outputs | leaves >= set(plan.outputs) >= outputs
    assert sorted(drawn.elements()) == list(range(len(plan.structure.order)))
