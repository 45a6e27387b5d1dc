"""A call log for `squall backtest`: N calls of four shops to payments, which fails now and then.

    python3 benches/calls.py 1000000 > calls.csv
    squall backtest docs/backtest/policy.yaml calls.csv --policy guarded
"""

import sys

MASK = (1 << 64) - 1


def draws(seed):
    """SplitMix64: the same numbers everywhere."""
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        word = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
        yield word ^ (word >> 31)


def calls(count):
    """Start [us], shop, latency [us], status: 500/s, an outage of 20 s in every 200 s."""
    draw, now = draws(7), 0
    for _ in range(count):
        now += next(draw) % 4000
        outage = 100 <= now // 1_000_000 % 200 < 120
        latency = 5_000 + next(draw) % (900_000 if outage else 40_000)
        failed = next(draw) % 100 < (70 if outage else 1)
        yield now, next(draw) % 4, latency, 503 if failed else 200


def main():
    print("start,latency_ms,outcome,caller,target")
    for now, shop, latency, status in calls(int(sys.argv[1])):
        start = f"{now // 1_000_000}.{now % 1_000_000:06}"
        print(f"{start},{latency // 1000}.{latency % 1000:03},{status},shop-{shop},payments")


main()
