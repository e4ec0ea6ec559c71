"""A workflow as a Mermaid state diagram."""

from paidan.workflows.definition import START, Workflow


def mermaid(workflow: Workflow, lang: str = "zh") -> str:
    """Draw the states and the moves between them; events that leave the state alone are left out."""

    def label(thing: object) -> str:
        return str(getattr(thing, lang))

    lines = ["stateDiagram-v2"]
    lines += [f"    {state.name} : {label(state)}" for state in workflow.states]
    arrows: dict[tuple[str, str], list[str]] = {}
    for move in workflow.moves:
        for source in move.sources:
            if move.target not in (None, source):
                ways = arrows.setdefault((source, str(move.target)), [])
                name = label(workflow.event_of[move.event])
                if name not in ways:
                    ways.append(name)
    for (source, target), names in arrows.items():
        start = "[*]" if source == START else source
        lines.append(f"    {start} --> {target} : {' / '.join(names)}")
    lines += [f"    {state.name} --> [*]" for state in workflow.states if state.final]
    return "\n".join(lines) + "\n"
