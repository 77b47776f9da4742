import subprocess
import sys

import pytest

from zenlab.steps import FUNCTION_STEPS
from zenlab.utils import naming_utils

HEAVY = ("pandas", "numpy", "pyarrow", "sklearn", "scipy")


def test_steps_import_nothing_heavy():
    code = (
        "import sys, zenlab.steps.transform, zenlab.steps.split, zenlab.steps.preprocesser, "
        "zenlab.steps.trainer, zenlab.steps.evaluator, zenlab.steps.predictions\n"
        "from zenlab.steps.split import RandomSplit\n"
        "from zenlab.steps.evaluator import Evaluator\n"
        "RandomSplit({'train': 0.5, 'eval': 0.5}); Evaluator(['roc_auc'], slices=[['a']])\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", FUNCTION_STEPS)
def test_function_steps_are_what_the_table_says(kind):
    import importlib

    module, name = FUNCTION_STEPS[kind].split(":")
    cls = getattr(importlib.import_module(module), name)
    assert kind == cls.KIND
    assert vars(cls)["code_version"] == 1


def test_names_of_0_3():
    assert naming_utils.transformed_feature_name("a") == "a_xf"
    assert naming_utils.transformed_label_name("a") == "a_xl"
    assert naming_utils.output_name("a") == "a_o"
