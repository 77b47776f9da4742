# Steps of the pipeline "Pipeline B" that were written in a notebook, with all that they reach.
# zenlab writes this file and reads it. Commit it with pipeline-b.yaml.
# ruff: noqa


# %% transform: label_late, code e76b4adad0c3fd4184400bd2d84f22841452aa1af03804bc8bee3e2f6d2270cd

LATE = 15


def label_late(flights):
    """Keep the flights that arrived, and say which of them were late."""
    arrived = flights.dropna(subset=["arr_delay"])
    return arrived.assign(late=arrived["arr_delay"] > LATE)
