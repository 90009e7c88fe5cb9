"""YAML and JSON documents as a tree that remembers where each value stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from pilots.importing.decoding import decoded
from pilots.importing.errors import BadInput, Problem

DEEPEST = 12  # far below the interpreter's limit, far above any honest file
LONGEST = 1_000_000  # bytes; a pilot file has a few thousand
PLAIN_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("null", "bool", "int", "float", "timestamp", "str", "seq", "map", "value")
}


@dataclass(frozen=True, slots=True)
class Value:
    """A text (None where nothing is written), a list or a table, with its place in the file."""

    content: str | tuple[Value, ...] | dict[str, Value] | None
    line: int | None = None
    path: str = ""


class _Composer(yaml.SafeLoader):
    """Compose nodes only: no objects, no anchors (they can make a small file huge), no bottomless nesting."""

    depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.composer.ComposerError(
                None, None, "anchors and aliases are not read", event.start_mark
            )
        if self.depth >= DEEPEST:
            raise yaml.composer.ComposerError(None, None, "nested too deeply", event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def compose(data: bytes | str, *, file: str) -> Value:
    """Read one YAML document into a tree, or raise BadInput naming the line."""
    data = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(data) > LONGEST:
        raise BadInput(Problem(f"longer than {LONGEST:,} bytes", file=file, line=1))
    text = decoded(data, file=file)
    problems: list[Problem] = []
    try:
        loader = _Composer(text)
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise BadInput(_syntax_problem(error, file)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadInput(
            Problem(f"a character that YAML forbids: {error.character!r}", file=file, line=line)
        ) from None
    value = _from_node(root, "", file, problems) if root else Value(None, 1)
    if problems:
        raise BadInput(*problems)
    return value


def _syntax_problem(error: yaml.MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    reason = error.problem or error.context or "not YAML"
    return Problem(f"not readable as YAML: {reason}", file=file, line=mark.line + 1 if mark else None)


def _from_node(node: Node, path: str, file: str, problems: list[Problem]) -> Value:
    line = node.start_mark.line + 1
    if node.tag not in PLAIN_TAGS:
        problems.append(Problem(f"tags are not read: {node.tag}", file=file, line=line, field=path))
        return Value(None, line, path)
    if isinstance(node, MappingNode):
        table: dict[str, Value] = {}
        for key, child in _pairs(node, path, file, problems):
            if key in table:
                reason = f"written twice; first on line {table[key].line}"
                problems.append(Problem(reason, file=file, line=child.line, field=child.path))
            table.setdefault(key, child)
        return Value(table, line, path)
    if isinstance(node, SequenceNode):
        items = enumerate(node.value)
        return Value(
            tuple(_from_node(child, f"{path}[{i}]", file, problems) for i, child in items), line, path
        )
    nothing = node.tag.endswith(":null") and not (isinstance(node, ScalarNode) and node.style)
    return Value(None if nothing else str(node.value), line, path)


def _pairs(node: MappingNode, path: str, file: str, problems: list[Problem]) -> Iterator[tuple[str, Value]]:
    for key, child in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            problems.append(Problem("a key must be a word", file=file, line=line, field=path))
            continue
        value = _from_node(child, joined(path, key.value), file, problems)
        yield key.value, Value(value.content, line, value.path)


def joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def from_json(document: object, path: str = "", depth: int = 0) -> Value:
    """Read a parsed JSON document into the same tree, without lines."""
    if depth > DEEPEST:
        raise BadInput(Problem("nested too deeply", field=path))
    if isinstance(document, Mapping):
        children = ((str(key), child) for key, child in document.items())
        return Value(
            {key: from_json(child, joined(path, key), depth + 1) for key, child in children}, path=path
        )
    if isinstance(document, list | tuple):
        items = enumerate(document)
        return Value(tuple(from_json(child, f"{path}[{i}]", depth + 1) for i, child in items), path=path)
    if document is None or isinstance(document, str):
        return Value(document, path=path)
    return Value(str(document).lower() if isinstance(document, bool) else str(document), path=path)
