"""Guardrail rules: patterns for what a receptionist must not say, in English and German.

Made for precision: rules that stop ordinary sentences about teeth, pain, prices and times would be switched off, so
each asks for a whole phrase, not for a word. They know what they list and no more; a model guard judges meaning.

Source of the codes: the hazard taxonomy of Llama Guard 3 (MLCommons AILuminate), S1 to S14; no rules for S5
(defamation) and S8 (intellectual property), which cannot be told from a sentence. Ours beside them: `pii.*`, `secret`,
`insult`, `leak`, `injection`, `blocked`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from antiphon.errors import BadConfiguration
from antiphon.events.dialogue import Speaker
from antiphon.language.numbers import read_digits
from antiphon.ports.card import Card, Port
from antiphon.ports.guard import Verdict
from antiphon.settings import setting

CARD = Card(
    name="rules",
    port=Port.GUARD,
    summary="Phrases, personal data and secrets by pattern, in English and German; does not understand meaning.",
    languages=("en", "de"),
)

SEVERITIES = {
    "S1": 0.9,  # violent crimes
    "S2": 0.8,  # non-violent crimes
    "S3": 0.9,  # sex-related crimes
    "S4": 1.0,  # child sexual exploitation
    "S6": 0.7,  # specialised advice: dosage, diagnosis, law, money
    "S7": 0.7,  # privacy of others
    "S9": 1.0,  # indiscriminate weapons
    "S10": 0.9,  # hate
    "S11": 0.9,  # suicide and self-harm
    "S12": 0.7,  # sexual content
    "S13": 0.5,  # elections
    "S14": 0.6,  # abuse of code
    "pii.card": 0.8,
    "pii.iban": 0.7,
    "pii.ahv": 0.7,
    "pii.ssn": 0.8,
    "pii.email": 0.3,
    "secret": 0.9,
    "insult": 0.6,
    "leak": 0.5,  # talks about its own instructions
    "injection": 0.4,  # wants other instructions followed
    "blocked": 0.6,  # the operator's own words
}


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of the rules: the policy of a stack."""

    block: tuple[str, ...] = setting(
        tuple(code for code in SEVERITIES if code not in {"pii.email", "injection"}),
        "categories that an agent's sentence must not fall into",
    )
    block_caller: tuple[str, ...] = setting(
        (), "categories for which a caller's turn is not answered; else they are noted"
    )
    blocked_words: tuple[str, ...] = setting((), "further words or phrases that are never said")
    allowed_words: tuple[str, ...] = setting((), "words or phrases that no rule looks at, such as a name")


class RuleGuard:
    """Judges by patterns; a few tenths of a millisecond a sentence."""

    card = CARD

    def __init__(self, options: Options) -> None:
        """Prepare the policy.

        Raises:
            BadConfiguration: a category that there is not.
        """
        for key, codes in (("block", options.block), ("block_caller", options.block_caller)):
            for code in codes:
                if code not in SEVERITIES:
                    raise BadConfiguration(
                        f"`engines.rules.{key}` holds {code!r}, which is not one of {', '.join(SEVERITIES)}.",
                        param=f"engines.rules.{key}",
                    )
        self._block = {Speaker.AGENT: frozenset(options.block), Speaker.CALLER: frozenset(options.block_caller)}
        self._blocked = _phrases(options.blocked_words)
        self._allowed = _phrases(options.allowed_words)

    async def check(self, text: str, speaker: Speaker, language: str) -> Verdict:
        """Judge `text` as said by `speaker`.

        A safe verdict may name categories too: those that the policy only wants noted. What callers say is noted, not
        blocked, unless the policy says so: they may tell their card number or despair.
        """
        codes = tuple(dict.fromkeys(self._codes(text, speaker, language)))
        severity = max((SEVERITIES[code] for code in codes), default=0.0)
        return Verdict(self._block[speaker].isdisjoint(codes), codes, severity)

    def close(self) -> None:
        """Nothing is held."""

    def _codes(self, text: str, speaker: Speaker, language: str) -> Iterator[str]:
        yield from _secrets(text)
        plain = self._allowed.sub(" ", _plain(text))
        yield from _personal(plain, language)
        for view in {plain, _unveiled(plain)}:
            if self._blocked.search(view):
                yield "blocked"
            for code, pattern in _RULES[speaker]:
                if pattern.search(view):
                    yield code


def load(options: Options) -> RuleGuard:
    """Ready at once.

    Raises:
        BadConfiguration: a category that there is not.
    """
    return RuleGuard(options)


# Text as it is looked at ------------------------------------------------------------------------------------------

_LOOKALIKES = str.maketrans("аеорсухікѕјԁαοερντι", "aeopcyxiksjdaoepvti")  # Cyrillic and Greek for Latin letters
_LEET = str.maketrans("013457@$!|", "oieastasil")


def _plain(text: str) -> str:
    """Lower case, one form of each character, no invisible ones, no accents that belong to no letter, single spaces."""
    composed = unicodedata.normalize("NFKC", text)
    seen = "".join(c for c in composed if unicodedata.category(c) not in {"Cf", "Mn", "Cs", "Co", "Cn"})
    return re.sub(r"\s+", " ", seen.lower().replace("’", "'").translate(_LOOKALIKES))


def _unveiled(plain: str) -> str:
    """`plain` with disguises taken off: figures for letters, letters parted ("k i l l") or repeated ("kiiill")."""
    words = (word.translate(_LEET) if re.search(r"[^\W\d_]", word) else word for word in plain.split(" "))
    joined = re.sub(r"(?<!\w)(?:[^\W\d_][ ._*-]{1,2}){2,}[^\W\d_](?!\w)", _join, " ".join(words))
    return re.sub(r"([^\W\d_])\1{2,}", r"\1", re.sub(r"(?<=[^\W\d_])[_*.](?=[^\W\d_])", "", joined))


def _join(match: re.Match[str]) -> str:
    return re.sub(r"[\W_]", "", match[0])


def _phrases(words: tuple[str, ...]) -> re.Pattern[str]:
    found = [re.escape(_plain(word).strip()) for word in words if word.strip()]
    return re.compile(r"(?<!\w)(?:" + "|".join(found) + r")(?!\w)") if found else re.compile(r"(?!)")


# Personal data and secrets ----------------------------------------------------------------------------------------

_SECRETS = re.compile(
    r"\bsk-[\w-]{16,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bxox[abprs]-[\w-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}|\bAIza[\w-]{35}"
    r"|(?i:(?<!wifi )(?<!wi-fi )(?<!wlan )(?<!wlan-)\b(?:password|passwort|api[ -]?key|access token)"
    r"\s?(?:is|ist|lautet|:|=)\s?\S*\d\S*)"
)
_CARD = re.compile(r"(?<![\d+])[2-6]\d{3}(?:[ -]?\d{2,6}){2,4}(?!\d)")
_IBAN = re.compile(r"\b([a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?)\b")
_AHV = re.compile(r"\b756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}\b")
_SSN = re.compile(r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+\b")


def _secrets(text: str) -> Iterator[str]:
    if _SECRETS.search(text):
        yield "secret"


def _personal(plain: str, language: str) -> Iterator[str]:
    written = [_digits(match[0]) for match in _CARD.finditer(plain)]
    spoken = [reading.value for reading in read_digits(plain, language) if reading.value[:1] in "23456"]
    if any(13 <= len(number) <= 19 and is_luhn(number) for number in (*written, *spoken)):
        yield "pii.card"
    if any(is_iban(match[1]) for match in _IBAN.finditer(plain)):
        yield "pii.iban"
    if any(is_ean13(_digits(match[0])) for match in _AHV.finditer(plain)):
        yield "pii.ahv"
    if _SSN.search(plain):
        yield "pii.ssn"
    if _EMAIL.search(plain):
        yield "pii.email"


def _digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")


def is_luhn(number: str) -> bool:
    """Whether the check digit of a payment card number is right. Source: ISO/IEC 7812-1, annex B."""
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(number)))
    return len(set(number)) > 1 and sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the check digits of a bank account number are right. Source: ISO 13616, ISO 7064 MOD 97-10."""
    compact = text.replace(" ", "").upper()
    if not (15 <= len(compact) <= 34 and compact.isascii() and compact.isalnum()):
        return False
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


def is_ean13(number: str) -> bool:
    """Whether the check digit of 13 digits is right, as in Swiss insurance numbers. Source: GS1, EAN-13."""
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(number))
    return len(number) == 13 and total % 10 == 0


# Phrases ----------------------------------------------------------------------------------------------------------
# A line is a pattern, looked for at the beginning of a word; one that begins with | goes on with the line before.
# ` .. ` stands for up to 40 characters of the same sentence.

_DRUGS = (
    r"(?:ibuprofen|paracetamol|acetaminophen|aspirin|antibioti\w*|amoxicillin\w*|penicillin\w*|painkillers?"
    r"|schmerzmittel|schmerztabletten?|insulin\w*|metamizol\w*|novalgin\w*|dafalgan|tylenol|advil|voltaren"
    r"|diclofenac|kodein|codeine|tramadol|oxycodone?|morphi\w*|valium|xanax|co[rk]tison\w*|blood thinners?"
    r"|blutverdünner|your (?:medication|medicine|pills)|ihre (?:medikamente|tabletten))"
)
_COUNT = r"(?:\d+|an?|one|two|three|four|half|eine?|zwei|drei|vier|eine halbe)"
_ILLNESS = (
    r"(?:infection|abscess|cancer|tumou?r|diabetes|gingivitis|periodontitis|heart attack|stroke|sepsis|fracture"
    r"|inflammation|entzündung|infektion|abszess|krebs|tumor|herzinfarkt|schlaganfall|blutvergiftung|parodontitis|bruch)"
)
_GROUPS = (
    r"(?:jews|muslims|blacks|gays|immigrants|foreigners|refugees|women|disabled people|juden|muslime|ausländer"
    r"|schwarzen?|flüchtlinge|frauen|behinderten|schwulen)"
)

_BY_BOTH = {
    "S1": r"""
        (?:i|we)(?:'ll| will|'m going to| am going to|'m gonna) (?:kill|shoot|stab|murder|strangle|beat up) (?:you
            |him|her|them|every|your)
        how to (?:kill|murder|poison|strangle) (?:someone|somebody|a person|people|my|your|him|her)
        (?:bomb|blow up|burn down) (?:the|your|this|that) (?:building|practice|clinic|office|school|hospital|house)
        ich bring(?:e)? (?:dich|sie|ihn|euch|alle) (?:alle )?um\b
        ich (?:werde|will) (?:dich|sie|ihn|euch) (?:töten|umbringen|erschießen|erschiessen|erstechen|verprügeln)
        wie (?:man|ich) (?:jemanden|einen menschen|meine[nm]?|leute) .. (?:tötet|umbring\w*|vergifte\w*|töte)
    """,
    "S2": r"""
        how to (?:hack|steal|forge|counterfeit|launder|shoplift|break into|pick (?:a|the) lock|cook meth|make (?:meth
            |crack|cocaine))
        (?:fake|forged?|falsif\w+) .{0,12}(?:prescription|passport|doctor's note|sick note|invoice|insurance claim)
        (?:buy|sell|order|deal) .{0,12}(?:cocaine|heroin|crystal meth|fentanyl|ecstasy)
        (?:bill|charge|claim from) .{0,12}insurance for .. (?:never|didn't|did not|not done|not happen)
        gefälsch\w+ .{0,12}(?:rezept|attest|arztzeugnis|zeugnis|pass|rechnung)
        (?:kokain|heroin|crystal meth|fentanyl|ecstasy) .{0,12}(?:kaufen|verkaufen|besorgen|herstellen)
        wie (?:man|ich) .. (?:einbr\w+|hack\w*|stiehlt|stehle|fälsch\w*)
    """,
    "S3": r"""
        rape (?:her|him|you|them|someone|somebody|a woman|women|girls)
        (?:drug|roofie|spike) (?:her|his|their|someone's|a girl's) (?:drink|drinks)
        (?:sie|dich|ihn|jemanden|eine frau|frauen) .{0,12}vergewaltig\w*
        k\.?o\.?-tropfen
    """,
    "S4": r"""
        (?:child|kid|minor|underage|preteen|schoolgirl|little (?:girl|boy)|kinder?|minderjährig)\w* ?(?:porn\w*
            |nudes?|nacktbild\w*|nacktfoto\w*|molest\w*)
        (?:sex|sexual\w*|naked|nude) (?:with|pictures? of|photos? of|videos? of|acts? with) .{0,12}(?:child|children
            |kids|minors?|underage)
        (?:sex|nackt\w*) .{0,12}(?:mit|von) .{0,12}(?:kindern|minderjährigen|kleinen mädchen|kleinen jungen)
    """,
    "S9": r"""
        (?:build|make|assemble|synthesi[sz]e|construct|cook|prepare) .{0,12}(?:bomb|explosives?|nerve agent|sarin
            |ricin|anthrax|mustard gas|grenade|nerve gas)\b
        (?:bombe|sprengstoff|sprengsatz|nervengas|giftgas|rizin|sarin|handgranate) .{0,16}(?:bau\w*|bastel\w*
            |herstell\w*|misch\w*|herzustell\w*)
        (?:bau|bastel|misch|stell)\w* .{0,16}(?:bombe|sprengstoff|sprengsatz|nervengas|giftgas)
    """,
    "S10": rf"""
        (?:nigg(?:er|a)s?|faggots?|kikes?|spics?|wetbacks?|ragheads?|gooks?|trann(?:y|ies)|sand ?niggers?)\b
        (?:neger|kanaken?|schwuchteln?|judensau|zigeunerpack|untermensch(?:en)?|kameltreiber)\b
        (?:all|those|these|the) {_GROUPS} (?:are|should|must|deserve|need) .. (?:killed|gassed|exterminated|vermin
            |animals|scum|subhuman|parasites|die|hanged)\b
        (?:alle|diese|die) {_GROUPS} (?:sind|sollten?|müssen|gehören|sollte man) .. (?:vergast|abschaum|ungeziefer
            |untermenschen|parasiten|erschossen|umgebracht|sterben|vergasen)\b
    """,
    "S12": r"""
        (?:blow ?jobs?|hand ?jobs?|cum ?shots?|porn(?:o|os|ography|hub)?|gang ?bang|dildos?|deepthroat)\b
        (?:have|having) sex with (?:me|you|us)\b
        suck my\b
        (?:fick mich|blas mir|wichs\w*|pornos?|muschi lecken|sex mit (?:mir|dir|ihnen))\b
    """,
    "S14": r"""
        rm -rf\b
        drop table\b
        (?:union select|; ?shutdown|or 1=1)\b
        (?:sudo|chmod|wget|curl) (?:-\w+ )*(?:/|https?:|\w+://|\d{3})
        (?:eval|exec|system)\(
        (?:script|iframe)[ >][^.?!]{0,40}(?:src=|alert\(|document\.)
    """,
    "insult": r"""
        (?:asshole|arsehole|bitch(?:es)?|dumbass|motherfuck\w*|cunts?|wankers?|retards?|dickhead|son of a bitch
            |piece of shit)\b
        (?<!mr )(?<!mrs )(?<!herr )(?<!frau )(?:you|such an?|stupid|absolute|complete|bloody|du|sie|so ein|blöder
            |dummer|verdammter) (?:idiots?|morons?|imbecile|depp|trottel|vollpfosten|idiot)\b
        fuck(?:ing|ed|er|off)? ?(?:you|off|idiot|it|this|hell)?\b
        (?:shut (?:the .{1,8} )?up|go to hell|screw you|drop dead)\b
        you(?:'re| are) (?:so |really |just |too |a |an |such an? |completely ){0,2}(?:stupid|dumb|ugly|pathetic
            |worthless|disgusting|idiot|moron)\b
        (?:arschloch|arschlöcher|wichser|hurensohn|schlampe|fotze|missgeburt|drecksau|scheißkerl|scheisskerl
            |dumme kuh|dumme sau)\b
        (?:halt|haltet) .{0,8}(?:klappe|fresse|schnauze|maul)\b
        (?:verpiss dich|leck mich|fick dich|verreck\w*)\b
        (?:du bist|sie sind|bist du|sind sie) (?:so |wirklich |einfach |zu |ein |eine |doch ){0,2}(?:dumm|blöd
            |hässlich|fett|wertlos|dämlich|bescheuert|idiot|trottel)\b
    """,
}  # fmt: skip

_BY_AGENT = {
    "S6": rf"""
        {_COUNT}(?:[.,]\d+)? ?(?:mg|milligram\w*|milligramm|mcg|µg|micrograms?|mikrogramm)\b
        (?:take|swallow|give (?:him|her|them|it)|nehmen sie|schlucken sie|geben sie
            |nimm) .{{0,24}}\b{_COUNT} (?:\w+ )?(?:tablets?|pills?|capsules?|drops|tabletten?|kapseln?|tropfen
            |pillen?)\b(?![^?]*\?)
        (?:^|[.!,;] |please |should |can |could |must |may |just |to |better |you |i would |i'd |simply )(?:take|try
            |use|double|increase|reduce|stop taking|skip|stop|swallow) .{{0,24}}\b{_DRUGS}\b(?![^?]*\?)
        (?:nehmen|schlucken|verdoppeln|erhöhen|reduzieren|verwenden) sie .{{0,24}}\b{_DRUGS}\b(?![^?]*\?)
        (?:setzen|lassen) sie .{{0,16}}\b{_DRUGS} .{{0,16}}(?:ab|weg)\b(?![^?]*\?)
        sie (?:können|sollten|müssen|dürfen) .{{0,24}}\b{_DRUGS} .{{0,24}}(?:nehmen|einnehmen|absetzen|weglassen
            |verdoppeln)
        (?<!if )(?<!do )(?<!whether )(?<!when )(?<!that )(?<!case )(?<!because )(?<!should )you (?:probabl
            y |likely |definitely |surely |clearly |must |certainly ){{0,2}}(?:have|suffer from|'ve got) (?:(?:an?
            |the|some|bad|severe) ){{0,2}}{_ILLNESS}\b(?![^?]*\?)
        (?:it|that|this) (?:sounds|looks|seems) like (?:you have )?(?:an? |the ){{0,1}}{_ILLNESS}\b
        (?:that|it|this)(?:'s| is) (?:probably |certainly |definitely |surely )(?:an? )?{_ILLNESS}\b
        sie haben (?:wahrscheinlich|vermutlich|bestimmt|sicher|wohl|eindeutig) (?:eine?n? )?{_ILLNESS}\b
        (?:das|es) (?:klingt nach|ist (?:wahrscheinlich|vermutlich|bestimmt|sicher)) (?:eine[mnr]? |ein )?{_ILLNESS}\b
        you (?:don't|do not) need (?:to see )?(?:a|the|any) (?:doctor|dentist|treatment|ambulance|hospital)
        no need to (?:see|call|go to) (?:a|the) (?:doctor|dentist|ambulance|hospital|emergency)
        sie brauchen (?:keinen|keine) (?:arzt|zahnarzt|behandlung|krankenwagen|rettung)
        you (?:should|can|could) sue\b
        sie (?:sollten|können) .{{0,12}}verklagen\b
        (?:you should |i recommend )(?:invest|buy|sell|put your money) .{{0,12}}(?:bitcoin|stocks?|shares|crypto\w*
            |gold)\b
        guaranteed (?:returns?|profits?)\b
        sie sollten .{{0,16}}(?:bitcoin|aktien|kryptow\w+|gold) .{{0,12}}(?:kaufen|verkaufen)
    """,
    "S7": r"""
        (?:another|other|previous|last|next) patient(?:'s|s)? .. (?:diagnos\w*|address|lives|hiv|born|birthday
            |records?|phone)
        patient (?:mr|mrs|ms) \w+ .{0,16}(?:suffers|was diagnosed|is hiv|has hiv|was treated for)
        (?:eine andere|ein anderer|der vorige|die vorige) patient(?:in)? .. (?:diagnos\w*|adresse|wohnt|hiv|geboren
            |akte|telefon)
    """,
    "S11": r"""
        (?:kill|hang|drown|hurt|cut|harm) yourself\b
        you(?:'d| would)? (?:be )?better off dead\b
        (?:nobody|no one) would miss you\b
        (?:ways?|methods?|how) to (?:kill (?:yourself|myself|oneself)|commit suicide|end (?:your|my|one's) life
            |overdose)
        (?:bring dich|bringen sie sich|töte dich|häng dich) .{0,8}(?:um|auf)?\b
        wie (?:man|sie|du) .{0,16}(?:sich umbring\w*|selbstmord begeh\w*|dich umbring\w*|das leben nimm\w*)
        (?:niemand|keiner) würde (?:dich|sie) vermissen\b
    """,
    "S13": r"""
        (?:you should |please |don't |do not )vote (?:for|against)\b
        (?:wählen sie|du solltest|sie sollten) .{0,16}(?:svp|afd|cdu|spd|fdp|grünen?|sozialdemokraten)\b
    """,
    "leak": r"""
        as an? (?:ai |large )language model
        (?:my|the) (?:system prompt|instructions|prompt) (?:is|are|says?|reads?|tells?)\b
        i (?:was|have been|am) (?:instructed|programmed|prompted|told) (?:to|not to)\b
        als (?:ki-|großes )?sprachmodell\b
        (?:mein systemprompt|meine anweisungen) (?:ist|sind|lautet|lauten|sagen)\b
    """,
}  # fmt: skip

_BY_CALLER = {
    "S11": r"""
        (?:kill|hang|drown|hurt|cut|harm) (?:myself|yourself)\b
        (?:want|wanna|going|like) to (?:die|end my life|end it all|be dead)\b
        (?:don't|do not) want to (?:live|be alive|go on living)\b
        (?:commit(?:ting)? suicide|suicidal|thinking (?:of|about) suicide|better off dead)\b
        mich .{0,12}(?:umbringen|umzubringen|umbringe|töten|ritzen|aufhängen)\b
        (?:will|möchte|wollte) (?:nur noch |einfach |nicht mehr )(?:sterben|leben)\b
        (?:selbstmord|suizid)\w*
        mir das leben nehmen\b
    """,
    "injection": r"""
        (?:ignore|disregard|forget|override) (?:(?:all|any|your|the|my|previous|prior|above|earlier
            |of) ){1,5}(?:instructions?|rules|prompts?|guidelines|programming)
        (?:system|developer) (?:prompt|message|mode)\b
        (?:reveal|show|print|repeat|tell me) (?:me )?your (?:\w+ )?(?:instructions|prompt|rules)\b
        you are now (?:an?|in|no longer|free)\b
        (?:pretend|act as if|imagine) (?:to be|you are|you're|that you are) (?:an?|the|my|not)\b
        (?:jailbreak|do anything now|without (?:any )?restrictions)\b
        (?:ignorier|vergiss|missachte)\w* (?:sie )?(?:(?:alle|alles|deine|ihre|die|bisherigen|vorherigen
            |obigen) ){1,4}(?:anweisungen|regeln|instruktionen|vorgaben)
        (?:systemprompt|system-prompt|entwicklermodus)\b
        (?:du bist|sie sind) (?:jetzt|ab sofort|nun) (?:ein|eine|kein)\b
        tu(?:n sie)? so,? als (?:ob|wär\w*|sei\w*)\b
    """,
}  # fmt: skip


def _compiled(*tables: dict[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    rules = []
    for table in tables:
        for code, lines in table.items():
            whole = re.sub(r"\n +\|", "|", lines).replace(" .. ", r" (?:[^.?!]{0,40} )?")
            patterns = filter(None, map(str.strip, whole.splitlines()))
            rules.append((code, re.compile(r"(?<!\w)(?:" + "|".join(patterns) + r")")))
    return tuple(rules)


_RULES = {Speaker.AGENT: _compiled(_BY_BOTH, _BY_AGENT), Speaker.CALLER: _compiled(_BY_BOTH, _BY_CALLER)}
