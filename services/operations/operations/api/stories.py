"""Events in words, for the timeline of a referral: one sentence a type, filled from the event's own facts."""

from typing import Any

from operations.domain import Archived
from shared.needs import NEEDS, OUTCOMES

SENTENCES = {
    "linkway.referral.received.v1": "{practice} sent the referral, by the door for {door}.",
    "linkway.referral.accepted.v1": "Triage accepted it as {urgency}; needs read: {needs}.",
    "linkway.referral.needs-information.v1": "{practice} was asked for what is missing: {missing}.",
    "linkway.referral.return-proposed.v1": "Triage proposed to return it ({reason}); a person decides.",
    "linkway.referral.returned.v1": "It was returned to {practice} ({reason}).",
    "linkway.referral.withdrawn.v1": "The {by} withdrew it ({reason}).",
    "linkway.referral.closed.v1": "It is closed ({reason}), and {practice} can file the outcome.",
    "linkway.referral.risk-alerted.v1": "A current risk was read ({kinds}); practice and duty contact are told.",
    "linkway.referral.agreement-changed.v1": "What the person agrees to was recorded anew.",
    "linkway.referral.agreement-revoked.v1": "The person took back their agreement to share with {organisation}.",
    "linkway.referral.person-erased.v1": "The person's details were erased.",
    "linkway.referral.link-worker-assigned.v1": "{link_worker} has it ({reasons}).",
    "linkway.referral.link-worker-awaited.v1": "No link worker has room; it waits in the queue.",
    "linkway.referral.match-proposed.v1": "Services were proposed: {proposals}.",
    "linkway.referral.match-not-found.v1": "No service was found for {needs} ({reasons}).",
    "linkway.referral.choices-exhausted.v1": "No choice is left; the link worker has it back.",
    "linkway.offer.made.v1": "{organisation_name} was asked for a place at {service_name}.",
    "linkway.offer.refused.v1": "{organisation} could not be asked ({reason}).",
    "linkway.offer.expired.v1": "{organisation} did not answer in time.",
    "linkway.offer.answered.v1": "{organisation} {answer} the offer.",
    "linkway.offer.attendance-recorded.v1": "{organisation} said whether the person came: {attended}.",
    "linkway.case.contact-recorded.v1": "{link_worker} recorded a contact ({kind}); reached: {reached}.",
    "linkway.case.needs-revised.v1": "The needs were corrected: {needs}.",
    "linkway.case.services-chosen.v1": "The person chose: {choices}.",
    "linkway.case.outcome-recorded.v1": "Outcomes were recorded: {outcomes}.",
    "linkway.case.review-due.v1": "The review date passed without a contact.",
    "linkway.case.closed.v1": "{link_worker} closed the case ({reason}); outcomes: {outcomes}.",
    "linkway.case.reopened.v1": "The person came back to {link_worker}.",
    "linkway.notification.created.v1": "The {recipient_kind} {recipient} is to be told by {channel} ({template}).",
    "linkway.notification.sent.v1": "The {recipient_kind} {recipient} was told by {channel} ({template}).",
    "linkway.notification.delivered.v1": "The message to {recipient} arrived ({template}).",
    "linkway.notification.failed.v1": "Attempt {attempt} to tell {recipient} failed ({status}); it is made again.",
    "linkway.notification.undeliverable.v1": "{recipient} cannot be told by {channel} ({reason}); a person must.",
    "linkway.notification.reply-received.v1": "{recipient} answered by {channel}.",
}
"""Every type whose key is a referral and that operations reads."""

_NAMES = {**{code: need.name for code, need in NEEDS.items()}, **{code: each.name for code, each in OUTCOMES.items()}}


class _Facts(dict[str, Any]):
    """An event's facts in words; an older event may lack one."""

    def __missing__(self, name: str) -> str:
        return "not known"


def sentence(event: Archived) -> str:
    """Say what an event means."""
    told = SENTENCES.get(event.type, "{type}")
    return told.format_map(_Facts({name: _words(value) for name, value in event.data.items()}, type=event.type))


def _words(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None | [] | "":
            return "none"
        case list():
            return ", ".join(_words(each) for each in value)
        case dict():
            return _words(value.get("service_name") or value.get("service") or value.get("code"))
        case _:
            return _NAMES.get(str(value), str(value))
