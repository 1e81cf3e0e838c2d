"""How the process works: micro-batching, thread pool, memory budget, CPU quota, connections, the HTTP protocol.

May import errors and the inner ring's types; knows no routes.
"""
