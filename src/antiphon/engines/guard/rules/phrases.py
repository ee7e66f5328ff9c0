"""What must not be said, phrase by phrase.

A line is a pattern, looked for at the beginning of a word; one that begins with | goes on with the line before.
` .. ` stands for up to 40 characters of the same sentence.
"""

import re

from antiphon.events.dialogue import Speaker

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
_SURELY = r"(?:probably |likely |definitely |surely |clearly |must |certainly ){0,2}"
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
        (?<!if )(?<!do )(?<!whether )(?<!when )(?<!that )(?<!case )(?<!because )(?<!should )you {_SURELY}(?:have
            |suffer from|'ve got) (?:(?:an?
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
            # Each in a group of its own: one that was broken in the wrong place does not compile.
            patterns = (f"(?:{line.strip()})" for line in whole.splitlines() if line.strip())
            rules.append((code, re.compile(r"(?<!\w)(?:" + "|".join(patterns) + r")")))
    return tuple(rules)


RULES = {Speaker.AGENT: _compiled(_BY_BOTH, _BY_AGENT), Speaker.CALLER: _compiled(_BY_BOTH, _BY_CALLER)}
