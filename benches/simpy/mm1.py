"""M/M/1 in SimPy: the peer of Squall's first benchmark.

Poisson arrivals of 9000/s, one server, exponential work of 100 us: a utilisation of 0.9.
Prints the processor time per customer.

    python3 benches/simpy/mm1.py [customers]
"""

import random
import sys
import time

import simpy

ARRIVALS_PER_S = 9_000.0
WORK_S = 100e-6


def customer(env, server, draw, latencies):
    start = env.now
    with server.request() as turn:
        yield turn
        yield env.timeout(draw(1 / WORK_S))
    latencies.append(env.now - start)


def arrivals(env, server, draw, customers, latencies):
    for _ in range(customers):
        yield env.timeout(draw(ARRIVALS_PER_S))
        env.process(customer(env, server, draw, latencies))


def main():
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    draw = random.Random(42).expovariate
    latencies = []
    env = simpy.Environment()
    server = simpy.Resource(env, capacity=1)
    env.process(arrivals(env, server, draw, customers, latencies))
    before = time.process_time()
    env.run()
    spent = time.process_time() - before
    mean_ms = sum(latencies) / len(latencies) * 1e3
    print(f"simpy {simpy.__version__}: M/M/1, {customers} customers, mean latency {mean_ms:.3f} ms")
    print(f"{spent / customers * 1e9:.0f} ns per customer")


if __name__ == "__main__":
    main()
