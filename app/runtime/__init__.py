"""How the process works: micro-batching, thread pool, memory budget, CPU quota, connections, HTTP protocol, drain.

May import errors and the inner ring's types; knows no routes.
"""
