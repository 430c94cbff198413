"""Writes JSON as the repository's formatter would: an array on one line where it fits, else one element a line."""
import json

LINE = 120


def write_json(path, value):
    path.write_text(layout(value, 0, 0) + "\n")


def layout(value, depth, before):
    """`before` is how much of the first line is taken already."""
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict) and value:
        rows = []
        for key, item in value.items():
            name = f"{json.dumps(key, ensure_ascii=False)}: "
            rows.append(inner + name + layout(item, depth + 1, len(inner) + len(name)))
        return "{\n" + ",\n".join(rows) + f"\n{outer}}}"
    flat = json.dumps(value, ensure_ascii=False)
    nested = isinstance(value, list) and any(isinstance(v, dict) for v in value)
    if not isinstance(value, list) or (before + len(flat) + 1 <= LINE and not nested):
        return flat
    return "[\n" + ",\n".join(inner + layout(v, depth + 1, len(inner)) for v in value) + f"\n{outer}]"
