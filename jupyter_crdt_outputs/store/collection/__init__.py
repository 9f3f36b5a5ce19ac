"""Which artifacts nobody can reach any more, and how they go: slowly, so that nothing reachable goes with them.

Every server that uses a store is a *member* of it and writes down from time to time what its documents and files
reach: its *mark*. A *collector* moves to the trash what no mark has and nobody has touched for a grace period, and
removes what has been in the trash for another one. :mod:`.rules` says when, and why that is safe.
"""
