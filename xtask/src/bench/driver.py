"""Times wasm kernels in wasmtime, in this process.

driver.py fuel|free NAME=FILE...: a line "NAME ROUNDS" of standard input is answered by a line "CHECKSUM SECONDS FUEL":
what `run` returned, the CPU time it took without start-up, and the fuel it consumed (0 without fuel).
"""

import importlib.metadata
import sys
import time

import wasmtime

PLENTY = 2**62

if sys.argv[1:] == ["version"]:
    print(importlib.metadata.version("wasmtime"))
    sys.exit()

fuel = sys.argv[1] == "fuel"
files = dict(argument.split("=", 1) for argument in sys.argv[2:])
config = wasmtime.Config()
config.strategy = "cranelift"
config.cranelift_opt_level = "speed"
config.consume_fuel = fuel
engine = wasmtime.Engine(config)
modules = {}
for line in sys.stdin:
    name, rounds = line.split()
    if name not in modules:
        modules[name] = wasmtime.Module.from_file(engine, files[name])
    store = wasmtime.Store(engine)
    if fuel:
        store.set_fuel(PLENTY)
    exports = wasmtime.Instance(store, modules[name], []).exports(store)
    if "_initialize" in exports:
        exports["_initialize"](store)
    before = store.get_fuel() if fuel else 0
    start = time.process_time()
    checksum = exports["run"](store, int(rounds))
    seconds = time.process_time() - start
    used = before - store.get_fuel() if fuel else 0
    print(checksum, f"{seconds:.9f}", used, flush=True)
