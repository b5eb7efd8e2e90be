"""Reads the files that Juxta wrote of two models' vectors, and computes the figures anew.

vectors.py FOLDER: fails when a figure of FOLDER/figures.json is another one.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
from scipy.stats import spearmanr

EXACT = 1e-6


def near(found, expected, what: str, tolerance: float = EXACT) -> None:
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert found.shape == expected.shape, f"{what}: {found.shape} instead of {expected.shape}"
    apart = np.abs(found - expected).max(initial=0)
    assert apart <= tolerance, f"{what}: {apart} apart"


def cosines(vectors: np.ndarray) -> np.ndarray:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit.T


def along(order, square: np.ndarray) -> float:
    return sum(square[one, other] for one, other in zip(order, order[1:]))


def main(folder: Path) -> None:
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    texts = figures["texts"]
    stored = np.load(folder / "vectors.npy", allow_pickle=False)
    assert stored.dtype == np.float32 and stored.flags["C_CONTIGUOUS"], stored.dtype

    # The three files hold the same numbers, to the bit.
    table = pq.read_table(folder / "vectors.parquet")
    assert table.column_names == ["index", "text", "embedding"], table.column_names
    assert table["index"].to_pylist() == list(range(len(texts)))
    assert table["text"].to_pylist() == texts
    rows = np.array(table["embedding"].to_pylist(), dtype=np.float32)
    assert rows.tobytes() == stored.tobytes(), "Parquet and npy differ"
    lines = [json.loads(line) for line in (folder / "vectors.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["text"] for line in lines] == texts
    assert np.array([line["embedding"] for line in lines], dtype=np.float32).tobytes() == stored.tobytes()
    empty = pq.read_table(folder / "empty.parquet")
    assert empty.num_rows == 0 and np.load(folder / "empty.npy").shape == (0, stored.shape[1])

    vectors = stored.astype(np.float64)
    count = len(vectors)
    near(figures["norms"], np.linalg.norm(vectors, axis=1), "norms")
    square = cosines(vectors)
    near(np.reshape(figures["square"], (count, count)), square, "cosines")
    upper = np.triu_indices(count, 1)
    pairs = square[upper]

    query = figures["query"]
    order = np.argsort(-square[query], kind="stable")[: len(figures["neighbours"])]
    near([cosine for _, cosine in figures["neighbours"]], square[query][order], "neighbours")
    assert {row for row, _ in figures["neighbours"]} == set(order.tolist())

    histogram = figures["histogram"]
    counts, edges = np.histogram(pairs, bins=len(histogram["counts"]))
    near([histogram["least"], histogram["most"], histogram["mean"]], [edges[0], edges[-1], pairs.mean()], "pairs")
    # A pair on the edge of a step may fall to either side of it.
    assert np.abs(counts - histogram["counts"]).sum() <= 2 and sum(histogram["counts"]) == len(pairs)

    centred = vectors - vectors.mean(axis=0)
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    near(figures["explained"], (values**2 / (values**2).sum())[:2], "explained variance")
    plane = np.array(figures["plane"])
    for axis in range(2):
        expected = centred @ axes[axis]
        # A direction and its opposite are equally right. The points are float32.
        expected *= np.sign(expected @ plane[:, axis])
        near(plane[:, axis] / values[0], expected / values[0], f"axis {axis}")

    other = np.load(folder / "other.npy").astype(np.float64)
    other_pairs = cosines(other)[upper]
    near(figures["correlation"], spearmanr(pairs, other_pairs).statistic, "rank correlation")
    ranks, other_ranks = (np.argsort(np.argsort(-of, kind="stable")) for of in (pairs, other_pairs))
    farthest = np.abs(ranks - other_ranks).max() / (len(pairs) - 1)
    near(figures["farthest"], farthest, "the pair farthest apart", 1e-4)

    # Other orders may be as good; none of the usual one may be better by much.
    distance = squareform(1 - square, checks=False)
    usual = along(leaves_list(linkage(distance, "average")), square)
    found = figures["order"]
    assert sorted(found) == list(range(count))
    assert along(found, square) >= usual - 0.01 * abs(usual), (along(found, square), usual)
    print("ok")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
