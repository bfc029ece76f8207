"""Every printed number of a paper beside ours: equal, equal after rounding, different and why.

    from remission.reproduction import read_reproduction, reproduce

    found = reproduce(read_reproduction("studies/x/reproduction.toml"), results)
    for claim in found.claims:
        print(claim.id, claim.status, claim.why)
"""

from remission.reproduction.bindings import Binding, Bindings, read_reproduction
from remission.reproduction.compare import (
    ComparedClaim,
    ComparedNumber,
    Reproduction,
    Status,
    reproduce,
)

__all__ = ["Binding", "Bindings", "ComparedClaim", "ComparedNumber", "Reproduction", "Status",
           "read_reproduction", "reproduce"]
