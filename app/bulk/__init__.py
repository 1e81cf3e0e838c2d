"""Bulk scoring: a whole archive of pictures to a folder of Parquet files, by Daft, on this machine or a Ray cluster.

May import the service and what is inside it. Needs the extra `bulk`.
"""

import os

# Before Daft is imported, and for the processes that it starts: nothing is reported to anyone, and the bar is ours.
os.environ |= {"DAFT_ANALYTICS_ENABLED": "0", "RAY_USAGE_STATS_ENABLED": "0", "DAFT_PROGRESS_BAR": "0"}
