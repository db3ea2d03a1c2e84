"""How many patients each site follows, for the medical lead: counts, never a record."""

from dashboard.components.caseload_table import caseload_table
from dashboard.database import acting_as
from dashboard.queries.programme import caseload_by_site
from dashboard.web.clock import today
from dashboard.web.guard import signed_in

lead = signed_in("lead")

with acting_as(lead.practitioner_id) as connection:
    caseload = caseload_by_site(connection, as_of=today())

caseload_table(caseload)
