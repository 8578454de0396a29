"""Times change-point detection on two kinds of series: bench_peers.py PROGRAM FOLDER [--all].

PROGRAM is `accuracy`, whose `detect FILE...` prints Lineup's own time and change points. The series are
written to FOLDER as `timestamp,value`; every detector reads those very bytes. Reading them is not timed.
"""

import math
import pathlib
import random
import subprocess
import sys
import time

import numpy
import ruptures
from otava.analysis import compute_change_points

LENGTHS = (4_320, 20_160)
SHARES = (0.20, 0.50, 0.75)
START, STEP = 1_709_251_200, 60
RUNS = 3
VARIANCE = {"noise": 1, "metric": 4}


def noise(n, seed):
    """White noise of standard deviation one with means 0, 3, 1 and 2.5."""
    draw = random.Random(seed)
    means = (0.0, 3.0, 1.0, 2.5)
    return [means[sum(i >= int(s * n) for s in SHARES)] + draw.gauss(0, 1) for i in range(n)]


def metric(n, seed):
    """CPU-like: a daily sine, AR(1) noise of 0.6 with standard deviation 2, spikes, +12/-8/+6 points."""
    draw = random.Random(seed)
    levels = (40.0, 52.0, 44.0, 50.0)
    values, rest = [], 0.0
    for i in range(n):
        rest = 0.6 * rest + 2 * math.sqrt(1 - 0.6**2) * draw.gauss(0, 1)
        spike = draw.uniform(15, 30) if draw.random() < 0.002 else 0.0
        day = 10 * math.sin(2 * math.pi * (i * STEP / 86_400))
        values.append(levels[sum(i >= int(s * n) for s in SHARES)] + day + rest + spike)
    return values


def write(folder, kind, n, values):
    """Six decimals, so that every reader has the same numbers."""
    path = folder / f"{kind}-{n}.csv"
    rows = (f"{START + STEP * i},{v:.6f}\n" for i, v in enumerate(values))
    path.write_text("timestamp,value\n" + "".join(rows))
    return path


def read(path):
    return numpy.loadtxt(path, delimiter=",", skiprows=1, usecols=1)


def penalty(signal, variance):
    """BIC for a change of the mean, with the true variance of the noise: more than anybody knows."""
    return 2 * math.log(len(signal)) * variance


def kernel_cpd(signal, variance):
    model = ruptures.KernelCPD(kernel="linear", min_size=2).fit(signal.reshape(-1, 1))
    return model.predict(pen=penalty(signal, variance))[:-1]


def pelt(signal, variance):
    return ruptures.Pelt(model="l2").fit(signal.reshape(-1, 1)).predict(pen=penalty(signal, variance))[:-1]


def otava(signal, _variance):
    # It wants a list: with an array its look-ups fail.
    points, _ = compute_change_points(signal.tolist(), window_len=50, max_pvalue=0.001, min_magnitude=0.0)
    return [p.index for p in points]


def timed(detector, signal, variance):
    best, found = math.inf, []
    for _ in range(RUNS):
        begun = time.perf_counter()
        found = detector(signal, variance)
        best = min(best, time.perf_counter() - begun)
        if best > 20:
            break
    return best, found


def judged(found, n):
    """Hits (within ten rows or half a per cent) and what is left over."""
    near, left, hits = max(10, n // 200), sorted(found), 0
    for share in SHARES:
        at = min(left, key=lambda f: abs(f - share * n), default=None)
        if at is not None and abs(at - share * n) <= near:
            hits += 1
            left.remove(at)
    return hits, len(left)


def lineup(program, paths):
    """Seconds and change points per file, from the program's own output."""
    lines = subprocess.run(
        [program, "detect", *map(str, paths)], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    found = {}
    for line in lines:
        name, seconds, rows = line.split("\t")
        found[pathlib.Path(name)] = float(seconds), [int(r) for r in rows.split()]
    return found


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    everything = "--all" in sys.argv[3:]
    folder.mkdir(parents=True, exist_ok=True)
    kinds = {"noise": noise, "metric": metric}
    paths = {
        (kind, n): write(folder, kind, n, make(n, 7)) for kind, make in kinds.items() for n in LENGTHS
    }
    ours = lineup(program, paths.values())
    peers = {
        "ruptures KernelCPD linear (C)": kernel_cpd,
        "Apache Otava": otava,
        "ruptures Pelt l2": pelt,
    }
    print("| series | points | detector | hits of 3 | false | seconds | times Lineup |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")
    for (kind, n), path in paths.items():
        own, rows = ours[path]
        results = [("Lineup", own, rows)]
        signal = read(path)
        for name, detector in peers.items():
            if detector is pelt and n > 5_000 and not everything:
                continue
            results.append((name, *timed(detector, signal, VARIANCE[kind])))
        for name, seconds, found in results:
            hits, wrong = judged(found, n)
            print(f"| {kind} | {n:,} | {name} | {hits} | {wrong} | {seconds:.6f} | {seconds / own:,.1f} |", flush=True)


main()
