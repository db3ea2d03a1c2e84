"""A whole site on one machine, from the files of ``deploy/``: database nodes, pooler, balancer,
servers.
"""
