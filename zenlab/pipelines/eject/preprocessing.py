"""Fitted preprocessers of zenlab's own as pandas: what they do to each column, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.pipelines.eject.user_code import Unwritable
from zenlab.steps.naming import transformed_feature_name, transformed_label_name
from zenlab.steps.preprocesser.operations import MISSING, OTHER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HELPERS = '''\
def _numbers(column):
    """Numbers and booleans as floats, in which NaN is missing."""
    return pd.to_numeric(column).astype("float64").to_numpy()


def _text(column):
    """Anything as text, in which None is missing; whole numbers without a point."""

    def one(value):
        if pd.isna(value):
            return None
        if isinstance(value, (bool, np.bool_)):
            return str(bool(value)).lower()
        if isinstance(value, (float, np.floating)) and float(value).is_integer():
            return str(int(value))
        return str(value)

    return pd.Series([one(value) for value in column], dtype=object)
'''


def function_lines(title: str, state: Mapping[str, Any]) -> list[str]:
    """The function that transforms the rows of a split.

    Args:
        title: the class of the step.
        state: what it has fitted.

    Raises:
        Unwritable: an operation that has no short equivalent.
    """
    lines = [
        "def _preprocess(rows):",
        f'    """What {title} makes of rows; its numbers were fitted on the split \'train\'."""',
        "    made = {}",
    ]
    for part, named in (("features", transformed_feature_name), ("labels", transformed_label_name)):
        for name, fitted in state[part].items():
            if not fitted:
                lines.append(f"    made[{named(name)!r}] = rows[{name!r}].to_numpy()")
                continue
            reader = {"numbers": "_numbers", "text": "_text"}[fitted["reads"]]
            lines.append(f"    x = {reader}(rows[{name!r}])")
            lines += [f"    {line}" for line in _column(name, fitted["operations"], named)]
    # A stored dict has no order, and a model takes its columns in theirs.
    return [*lines, f"    return pd.DataFrame(made)[{list(state['columns'])!r}]"]


def _column(name: str, states: list[dict[str, Any]], named: Callable[[str], str]) -> Iterator[str]:
    cast = ""
    for state in states:
        match state["op"]:
            case "fill":
                yield f"x = np.where(np.isnan(x), {state['value']!r}, x)"
            case "scale":
                yield f"x = (x - {state['center']!r}) / {state['scale']!r}"
                cast = '.astype("float32")'
                continue
            case "bucketize":
                yield f"x = np.searchsorted({state['boundaries']!r}, x, side='right')"
                cast = '.astype("int32")'
                continue
            case "fill_text":
                yield f"x = x.where(x.notna(), {state['value']!r})"
            case "ordinal":
                size = len(state["categories"])
                yield f"codes = {{name: i for i, name in enumerate({state['categories']!r})}}"
                yield f"x = x.map(codes).fillna({size}).where(x.notna(), {size + 1}).to_numpy()"
                cast = '.astype("int32")'
                continue
            case "one_hot":
                yield f"for category in {state['categories']!r}:"
                column = named(f"{name}=\0").replace("{", "{{").replace("}", "}}")
                yield f"    made[f{column!r}] = (x == category).to_numpy(dtype='uint8')".replace(
                    "\\x00", "{category}"
                )
                if state["other"]:
                    known = f"x.isin({state['categories']!r})"
                    other = named(f"{name}={OTHER}")
                    yield f"made[{other!r}] = (~{known} & x.notna()).to_numpy(dtype='uint8')"
                if state["missing"]:
                    missing = named(f"{name}={MISSING}")
                    yield f"made[{missing!r}] = x.isna().to_numpy(dtype='uint8')"
                return
            case other:
                raise Unwritable(f"'{other}' of column '{name}' has no short equivalent")
        cast = ""
    yield f"made[{named(name)!r}] = np.asarray(x){cast}"
