"""Any stage of the site on one machine, from the real servers, on loopback.

``with running(stage=3) as cluster:`` for tests and measurements, ``manage.py cluster`` for people.
"""

from infra.cluster.cluster import Cluster
from infra.cluster.errors import ClusterError
from infra.cluster.lifecycle.running import running

__all__ = ["Cluster", "ClusterError", "running"]
