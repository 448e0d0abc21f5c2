"""What happens to people who are referred, told from outside; all stories are told at the same time over one Linkway.

Each returns the referral that it is about.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from tests.acceptance.stories.arriving import (
    a_current_risk_is_told_at_once_and_the_referral_goes_on,
    a_message_in_which_nothing_usable_is_read_is_received,
    a_missing_contact_is_asked_for_and_given,
    a_practice_sees_its_own_referrals_only,
    the_same_request_at_the_same_moment_is_one_referral,
    the_sample_referrals_are_triaged_as_their_files_say,
)
from tests.acceptance.stories.asking import (
    a_no_asks_the_next_choice,
    a_withdrawal_ends_what_is_under_way,
    an_agreement_taken_back_stops_who_was_asked,
    an_organisation_with_a_topic_reads_what_it_may_see,
    an_organisation_with_an_endpoint_answers_by_the_address_in_its_webhook,
    silence_asks_the_next_and_gives_the_task_back_at_last,
    the_whole_way_round,
)
from tests.acceptance.users import Everybody

Story = Callable[[Everybody], Coroutine[Any, Any, str]]

STORIES: tuple[Story, ...] = (
    the_sample_referrals_are_triaged_as_their_files_say,
    silence_asks_the_next_and_gives_the_task_back_at_last,
    the_whole_way_round,
    a_no_asks_the_next_choice,
    a_withdrawal_ends_what_is_under_way,
    an_agreement_taken_back_stops_who_was_asked,
    a_current_risk_is_told_at_once_and_the_referral_goes_on,
    a_missing_contact_is_asked_for_and_given,
    an_organisation_with_an_endpoint_answers_by_the_address_in_its_webhook,
    an_organisation_with_a_topic_reads_what_it_may_see,
    the_same_request_at_the_same_moment_is_one_referral,
    a_practice_sees_its_own_referrals_only,
    a_message_in_which_nothing_usable_is_read_is_received,
)
