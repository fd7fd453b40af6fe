"""What the API's calls about moderation take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from minigram_site.api.fields import TextField
from minigram_site.api.rendering import time_json
from social.moderation import wording
from social.moderation.models import WORDS_LENGTH, Decision, Kind, Reason, Report, Verb

APPEAL_STATES = Decision.Appeal.values
TOLD = [verb for verb in Verb.values if verb != Verb.DISMISS]


class ReportTextSerializer(serializers.Serializer[Report]):
    """What is wrong."""

    reason = serializers.ChoiceField(choices=Reason.for_people())
    words = TextField(
        max_length=WORDS_LENGTH, allow_blank=True, required=False, help_text="In your words."
    )


class ReportSerializer(serializers.Serializer[Report]):
    """Your report of one thing."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.values)
    reason = serializers.ChoiceField(choices=Reason.values)
    words = serializers.CharField()
    created_at = serializers.DateTimeField()


class AppealSerializer(serializers.Serializer[Decision]):
    """Why a decision is wrong."""

    words = TextField(max_length=WORDS_LENGTH)


class DecisionSerializer(serializers.Serializer[Decision]):
    """What the moderators have decided about you."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.values, help_text="What it is about.")
    about = serializers.CharField(help_text="The words of the photo or comment; may be empty.")
    decision = serializers.ChoiceField(choices=TOLD)
    sentence = serializers.CharField(help_text="The decision in words.")
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True, help_text="Of a suspension.")
    stands = serializers.BooleanField(help_text="Not taken back, not ended.")
    appeal = serializers.ChoiceField(choices=APPEAL_STATES)
    can_appeal = serializers.BooleanField()


def report_json(report: Report) -> dict[str, Any]:
    """Return a report as its reporter sees it; it comes with its case."""
    return {
        "id": str(report.pk),
        "kind": report.case.kind,
        "reason": report.reason,
        "words": report.words,
        "created_at": time_json(report.created_at),
    }


def decision_json(decision: Decision) -> dict[str, Any]:
    """Return a decision as the person sees it, without who decided; it comes with its case."""
    return {
        "id": str(decision.pk),
        "kind": decision.case.kind,
        "about": wording.about(decision),
        "decision": decision.verb,
        "sentence": wording.sentence(decision),
        "reason": decision.reason,
        "created_at": time_json(decision.created_at),
        "ends_at": time_json(decision.ends_at) if decision.ends_at else None,
        "stands": decision.stands,
        "appeal": decision.appeal,
        "can_appeal": decision.may_be_appealed,
    }
