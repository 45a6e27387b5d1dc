"""M/M/1 in SimPy: the peer of Squall's first benchmark.

Poisson arrivals of 9000/s, one server, exponential work of 100 us: a utilisation of 0.9.
Customers who are not served when the time is over are left out.

    python3 benches/simpy/mm1.py [SECONDS [SEED]]
"""

import random
import sys

import simpy

ARRIVALS_PER_S = 9_000.0
WORK_S = 100e-6


class Counted:
    customers = served = 0
    latency_s = 0.0


def customer(env, server, draw, counted):
    start = env.now
    with server.request() as turn:
        yield turn
        yield env.timeout(draw(1 / WORK_S))
    counted.served += 1
    counted.latency_s += env.now - start


def arrivals(env, server, draw, counted):
    while True:
        yield env.timeout(draw(ARRIVALS_PER_S))
        counted.customers += 1
        env.process(customer(env, server, draw, counted))


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 42
    draw = random.Random(seed).expovariate
    counted = Counted()
    env = simpy.Environment()
    server = simpy.Resource(env, capacity=1)
    env.process(arrivals(env, server, draw, counted))
    env.run(until=seconds)
    print(f"customers {counted.customers} mean_latency_s {counted.latency_s / counted.served}")


if __name__ == "__main__":
    main()
