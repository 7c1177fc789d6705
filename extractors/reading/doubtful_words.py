"""The words by which English denies, supposes, recommends, allows, doubts or ends what it speaks of.

Tables alone; `extractors.reading.polarity` says how far each reaches. A word in capitals in the middle of a sentence is
a name and none of these, but for the capitals of RFC 2119 (https://www.rfc-editor.org/rfc/rfc2119).
"""

from __future__ import annotations

import re

Cues = tuple[tuple[str, re.Pattern[str]], ...]


def _cues(*pairs: tuple[str, str]) -> Cues:
    return tuple((reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in pairs)


_TRY = r"(?:attempt|try|tri|seek|sought|aim|hope|hoping|want|wish|intend|plan|prepar|propos|offer|promis|threaten)"
_DEAL = r"(?:acquisition|purchase|merger|takeover|sale|deal|partnership|integration|deployment|alliance|buyout|listing)"
_SAID = r"(?:said|thought|believed|rumou?red|reported|alleged|claimed|supposed|presumed|speculated)"

CLAUSE = _cues(
    ("denied", r"\b(?:not|never|nor|neither|cannot|nobody|nothing|none|no one)\b|n't\b|\bno\b(?!\.)"),
    ("denied", r"\b(?:den(?:y|ies|ied|ying)|den(?:ial|ials)|refut(?:e[sd]?|ing)|reject(?:s|ed|ing|ion)?)\b"),
    ("denied", r"\b(?:refus(?:e[sd]?|ing|al)|declin(?:es|ed|ing)|turn(?:s|ed|ing)? down|veto(?:es|ed|ing)?)\b"),
    (
        "denied",
        (
            r"\bfail(?:s|ed|ing|ure|ures)? (?:to|in|at)\b|\b(?:unable"
            r"|impossible|ineligible|forbidden|prohibited) (?:to|for)\b"
        ),
    ),
    ("denied", r"\b(?:unsuccessful(?:ly)?|in vain|yet to|prevent(?:s|ed)?|ban(?:s|ned)|bar(?:s|red) from)\b"),
    (
        "denied",
        (
            r"\b(?:incompatible|inconsistent|unrelated"
            r"|independent(?:ly)? (?:of|from)|insufficient|differs? from)\b"
        ),
    ),
    ("denied", r"\bdifferences? between\b|\b(?:lack(?:s|ed|ing)?|missing|violat(?:e[sd]?|ing)|exclud(?:e[sd]?|ing))\b"),
    ("denied", r"\b(?:untrue|falsely|wrongly|mistakenly|erroneously|myth|hoax|misconception)\b"),
    ("ended", r"\b(?:no longer|formerly|once was|used to be)\b"),
    (
        "ended",
        (
            r"(?<!\ba )(?<!\ban )\b(?:ceas(?:e[sd]?|ing)|stop(?:s|ped"
            r"|ping)|discontinu(?:e[sd]?|ing)|terminat(?:e[sd]?|ing))\b"
        ),
    ),
    (
        "ended",
        (
            r"(?<!\ba )(?<!\ban )\b(?:cancel(?:s|l?ed|l?ing)?|abandon(?:s"
            r"|ed|ing)?|remov(?:e[sd]?|al|ing)|withdr(?:aw|ew|awn|aws))\b"
        ),
    ),
    (
        "denied",
        (
            r"\b(?:hardly|scarcely|barely|far from|short of"
            r"|little (?:reason|evidence|sign|to)|neglect(?:s|ed)? to)\b"
        ),
    ),
    (
        "denied",
        (
            r"\b(?:annul(?:s|led)?|overturn(?:s|ed)?|revok(?:e[sd]?|ing)"
            r"|invalidat\w+|dismiss(?:es|ed)?|oppos(?:e[sd]?|ing))\b"
        ),
    ),
    (
        "denied",
        (
            r"\b(?:(?:walk|back|pull|turn)(?:s|ed|ing)? (?:away|out|down"
            r"|off)|scrapp?(?:s|ed)|shelv(?:es|ed)|abstain(?:s|ed)?)\b"
        ),
    ),
    (
        "denied",
        (
            r"\b(?:confus(?:e[sd]?|ing) with|confused with|mistaken for"
            r"|confused|unlikely to|forgot to|forgets to)\b"
        ),
    ),
    (
        "ended",
        (
            r"\b(?:paus(?:e[sd]|ing)|suspend(?:s|ed|ing)?|halt(?:s|ed|ing)?"
            r"|expir(?:e[sd]|ing)|laps(?:e[sd]|ing)|phas(?:e[sd]|ing) out)\b"
        ),
    ),
    ("ended", r"\b(?:resign(?:s|ed|ing)? from|step(?:s|ped|ping)? down|split from|broke(?:n)? (?:with|off))\b"),
    ("only allowed", r"\b(?:may(?! \d)|might|could|would|can|optional(?:ly)?)\b"),
    ("only recommended", r"\b(?:should|recommended|suggested|ought to)\b"),
    (
        "only supposed",
        r"\b(?:if|unless|whether|suppos(?:e|ing)|assum(?:e|ing)|imagin(?:e|ing)|contrived|potential(?:ly)?)\b",
    ),
    ("only supposed", r"\b(?:hypothetical(?:ly)?|theoretical(?:ly)?|provided that|in case)\b"),
    ("only intended", rf"\b{_TRY}(?:s|es|ed|ning|ned|ing)? (?:that|to|at)\b"),
    (
        "only intended",
        (
            r"\b(?:is|are|was|were|been) (?:set(?! to music)|expected"
            r"|slated|scheduled|due|likely|poised|going) to\b"
        ),
    ),
    (
        "only intended",
        (
            r"\b(?:consider(?:s|ed|ing)? (?:\w+ing|a|an|the|whether"
            r"|its|his|her)|mull(?:s|ed|ing)?|in talks|talks with)\b"
        ),
    ),
    ("only intended", rf"\b(?:proposed|planned|possible|would-be|attempted|failed|aborted) (?:\w+ )?{_DEAL}\b"),
    (
        "only intended",
        r"\b(?:proposals?|bids?|offers?|plans?|motions?|attempts?|requests?|ambitions?) (?:to|for|that|at)\b",
    ),
    (
        "only said",
        r"\b(?:alleged(?:ly)?|reportedly|supposedly|purportedly|purported|presumably|apparently|rumou?rs?)\b",
    ),
    ("only said", rf"\b(?:is|are|was|were|been) (?:\w+ly |often |sometimes )?{_SAID} (?:to|that)\b"),
    ("only said", rf"\b(?:often|sometimes|commonly|popularly|widely|once) (?:{_SAID}|attributed|credited|ascribed)\b"),
    (
        "only said",
        (
            r"\b(?:claim(?:s|ed|ing)?|speculat(?:e[sd]?|ing)"
            r"|suspect(?:s|ed|ing)?|insist(?:s|ed)?) (?:that|to|of)\b"
        ),
    ),
    (
        "only intended",
        (
            r"\b(?:verge of|brink of|about to|contemplat(?:e[sd]?|ing)"
            r"|weigh(?:s|ed|ing)?|explor(?:e[sd]?|ing)|eye(?:s|d|ing))\b"
        ),
    ),
    (
        "only intended",
        (
            r"\b(?:ask|urge|invite|encourage|call|press|lobb|pressure|request|advise"
            r"|recommend)(?:s|d|ed|y|ies|ied|ing)? (?:\w+ ){0,2}?(?:on|for|to)\b"
        ),
    ),
    (
        "only intended",
        r"\b(?:dream(?:s|ed|t|ing)? (?:of|about)|hop(?:e[sd]?|ing) for|was offered|were offered|is offered)\b",
    ),
    (
        "only said",
        (
            r"\b(?:think|thinks|thought|hold|holds|guess(?:es|ed)?|suggest(?:s|ed)?|assert(?:s|ed)?|fear(?:s|ed)?|predict(?:s|ed)?"
            r"|expect(?:s|ed)?|anticipat(?:es|ed)|forecasts?|pretend(?:s|ed)?|contend(?:s|ed)?|maintain(?:s|ed)?|theor(?:y|ies)|hypothesis"
            r"|hypothes[ei]s|reports|stories|legends?|idea|notion|possibility|prospect|chance|risk) that\b"
        ),
    ),
    (
        "only said",
        r"\b(?:speculates?|believes?|believed|suspects?|argues?|argued) that\b|\bcritics (?:call|say|claim)\b",
    ),
    ("only said", r"\b(?:accus(?:e[sd]?|ing|ations?)|charged with|suspected of)\b"),
    ("only said", r"\b(?:unclear|uncertain|unknown|disput(?:e[sd]?|ed)|doubt(?:s|ed|ful)?) (?:that|whether|if|who)\b"),
)
"""Count from where they stand to where a new clause begins."""

COMPLEMENT = _cues(
    ("denied", r"\b(?:unlike|without|instead of|rather than|in contrast (?:to|with)|as opposed to|contrary to)\b"),
    ("denied", r"\b(?:except(?:ing)?(?: for)?|other than|apart from|aside from|save for|excluding|but not)\b"),
    ("ended", r"\b(?:former|ex-|left|leav(?:es|ing)|quit|quits|dropp?(?:ed|s|ing))\b"),
    ("denied", r"\b(?:almost|nearly|close to)\b(?! (?:\d|all\b|every|exclusively|entirely|always|immediately))"),
)
"""Count for the name that follows them in the same phrase only."""

SENTENCE = _cues(
    (
        "only supposed",
        r"\A\W*(?:if|unless|suppos(?:e|ing)|assuming|imagine|what if|provided|in case|were|had|should)\b",
    ),
    ("denied", r"\A\W*(?:it is (?:not true|false|untrue|a (?:myth|misconception|lie)))\b"),
    ("asked", r"\A\W*(?:did|does|do|is|are|was|were|has|have|can|could|will|would)\b[^.]*\?\W*\Z"),
)
"""Count for the whole sentence from its beginning, over commas."""

_REVOKED = (
    r"(?:rejected|denied|false|untrue|unfounded|cancelled|canceled|abandoned|vetoed|blocked|refuted|disproved|debunked"
    r"|voted down|defeated|wrong|never \w+|not (?:true|completed|approved|ratified|adopted))"
)
_CAME_TO_NOTHING = (
    r"(?:fell through|fell apart|collapsed|came to nothing|never did|never happened"
    r"|did not (?:reach|pass|happen|go through|succeed|materiali[sz]e|take place)"
    r"|(?:but|yet) (?:it |this |that |they )?(?:failed|could not))"
)
_BE = r"(?:was|were|is|are|has been|have been|had been|been)"

AFTER = _cues(
    (
        "denied",
        rf"\A(?: \w+){{0,2}}?,?(?: but)?(?: \w+){{0,3}}?,? (?:{_BE} (?:\w+ly )?{_REVOKED}|{_CAME_TO_NOTHING})\b",
    ),
    ("only supposed", r"\A\s*,?\s*(?:only )?(?:if|unless|provided)\b"),
)
"""Take back what was said before, right behind it."""

LEAD_IN = _cues(
    ("denied", r"\b(?:not|never|no|none|nor|neither|cannot|without|except(?:ions?)?|nothing|nobody)\b|n't\b"),
    (
        "denied",
        (
            r"\b(?:un(?:supported|available|related|affected)"
            r"|out of scope|out-of-scope|non-goals?|exclud\w+|reject\w+)\b"
        ),
    ),
    (
        "denied",
        (
            r"\b(?:prohibited|forbidden|banned|ineligible|incompatible"
            r"|lack(?:s|ing)?|missing|false|myths?|misconceptions?)\b"
        ),
    ),
    ("ended", r"\b(?:former(?:ly)?|discontinued|removed|withdrawn|cancelled|retired)\b"),
    ("only intended", r"\b(?:planned|proposed|under consideration|considered|future work|ideas?|wish list|roadmap)\b"),
    ("only allowed", r"\b(?:may|might|could|optional(?:ly)?|should|recommended)\b"),
)
"""Count for every item of the list that they introduce."""

HARMLESS = re.compile(
    r"\bnot only\b|\bnot least\b|\bnot (?:until|long after|surprisingly)\b|\bno sooner\b|\bno doubt\b|\beven if\b"
    r"|\bno (?:more|less|fewer|later|earlier|other) than\b|\bwhether or not\b|\bwhether \w+ or not\b|\bor not\b"
    r"|\bcan be (?:used|seen|considered|thought of|described|regarded) as\b|\bcan be found\b"
    r"|\bwould (?:later|eventually|subsequently|go on to|become|remain|again)\b|\bnothing (?:but|could (?:keep|stop))\b"
    r"|\b(?:nobody|nothing|no one|none) else\b|\b(?:formerly|also) (?:known|called|named)\b"
    r"|\bwithout (?:breaking|losing|changing|affecting)\b|\bas (?:planned|expected|intended|proposed|promised)\b",
    re.IGNORECASE,
)
"""Look like one of them and are none."""

NEW_CLAUSE = re.compile(
    r"\b(?:but|although|though|whereas|while|because|since|after|before|when|until|so that|nevertheless|however)\b"
    r"|\b(?:and|then)\b(?= (?:(?:now|then|also|later|still|it|he|she|they|is|was|were|are|has|had|have)\b|\w+ed\b"
    r"|(?:bought|sold|made|took|gave|became|began|built|won|wrote|ran|led|met|held|paid|set|went|came|grew|lives|runs"
    r"|owns|uses|holds|makes|sells|buys|works|lends|serves|plays|remains|supports|supplies)\b))",
    re.IGNORECASE,
)
"""Where what was denied or supposed before is over."""

INSERTION = re.compile(
    r",(?= (?:which|who|whose|whom|where|when|unlike|not|never|though|although|despite|however|in contrast|contrary"
    r"|formerly|former|since|as|if|even|an?|the|one|some|with|without|once|instead|rather|except|apart)\b)[^,;]*,"
)
"""A remark between commas."""
