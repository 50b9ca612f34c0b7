"""What is asked of poolings, and how their figures are told."""

from figures import Target, geometric_mean

TRIAD_SHARE = 0.85
WORST = 0.95  # 1.0, less what a shared machine blurs

COLUMNS = ("layer", "operation", "pass", "type", "threads", "batch", "MB", "ms", "+-", "GB/s", "of triad", "oneDNN",
           "PyTorch", "oneDNN's own layout", "KiB beyond")
SERIES = (("max-pooling", "forward"), ("max-pooling", "forward-indices"), ("max-pooling", "backward-data"),
          ("average-pooling", "forward"), ("average-pooling", "backward-data"))


def cells(row):
    return (row.name, row.operation, row.what, row.type, str(row.threads), str(row.batch), f"{row.bytes / 1e6:.3f}",
            f"{1000 * row.seconds:.3f}", f"{100 * row.spread / row.seconds:.0f} %",
            f"{row.bytes / row.seconds / 1e9:.2f}", f"{100 * row.triad_share:.0f} %", row.times_of("onednn"),
            row.times_of("pytorch"), row.times_of("onednn-own-layout"), f"{row.bytes_beyond_tensors / 1024:.0f}")


def outgrow_second_level(runs):
    """The rows whose bytes the second-level caches of their threads cannot hold."""
    return [row for run in runs for row in run.rows
            if row.is_pooling and row.bytes > int(run.facts["L2 bytes"]) * row.threads]


def targets(runs):
    """Every target of poolings that these runs can tell of."""
    large = outgrow_second_level(runs)
    compared = [row for run in runs for row in run.rows if row.is_pooling and row.better_peer]
    found = []
    for operation, what in SERIES:
        shares = geometric_mean(row.triad_share for row in large if (row.operation, row.what) == (operation, what))
        found.append(Target(f"{operation}, {what}, larger than L2, share of the triad's bandwidth, geometric mean",
                            TRIAD_SHARE, shares))
    for operation, what in SERIES:
        ratios = [row.better_peer for row in compared if (row.operation, row.what) == (operation, what)]
        found.append(Target(f"{operation}, {what}, times of the better peer, worst shape (1.00, less 0.05 for noise)",
                            WORST, min(ratios, default=None)))
    return found
