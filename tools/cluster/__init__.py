"""A whole site on one machine: database nodes, pooler, balancer and servers, by ``deploy/``."""
