"""The help page: the words, marks and keys of the dashboard."""

from dashboard.components.account.help_page import help_page
from dashboard.web.auth.authorization import signed_in

person = signed_in()
help_page(person.role)
