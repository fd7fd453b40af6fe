"""The lab: simulated people, what they measure, faults, and whether a stage is in order.

It drives a site from outside, over HTTP, and watches its processes and servers; it imports none of
the apps. Simulated people run in processes of their own (``infra.lab.generator``).
"""
