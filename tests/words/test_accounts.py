"""Every state and change of an account has a name of its own, in both languages."""

import pytest

from dashboard.locale import speaking
from dashboard.vocabulary import AccountAction, AccountState
from dashboard.words.accounts import account_action_name, state_name


@pytest.mark.parametrize("language", ["fr", "en"])
def test_names_differ_from_each_other(language):
    with speaking(language):
        assert len({state_name(state) for state in AccountState}) == len(AccountState)
        assert len({account_action_name(action) for action in AccountAction}) == len(AccountAction)
