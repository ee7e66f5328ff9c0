"""The German grammar of times."""

from antiphon.language.clock import Atom, TimeGrammar
from antiphon.language.parts import Bound, Part

GRAMMAR = TimeGrammar(
    hour=r"(?:2[0-4]|1[0-9]|0?[0-9]|eins?)",
    atoms=(
        Atom(r"(?P<m>[1-2]?[0-9])(?: minuten)? (?P<rel>vor|nach|ab) halb {H}", shift=-30),
        Atom(r"halb(?:e|i)? {H}", shift=-30),
        Atom(r"(?:3 viertel|dreiviertel) {H}", shift=-15),
        Atom(r"(?:(?:ein|1) )?(?P<m>viertel) (?P<rel>vor|nach|ab|ueber) {H}"),
        Atom(r"viertel {H}", sure=0.7, shift=-45),
        Atom(r"(?P<m>[1-5]?[0-9]) minuten (?P<rel>vor|nach|ab|ueber) {H}"),
        Atom(r"(?P<m>5|10|15|20|25) (?P<rel>vor|nach|ab|ueber) {H}", sure=0.9),
        Atom(r"mitternacht", at=0),
        Atom(r"{H} uhr (?:und )?(?P<m>[0-5]?[0-9])(?: minuten)?(?! (?:uhr|[0-9]))"),
        Atom(r"{H} uhr (?P<m>viertel|halb)"),
        Atom(r"{H} uhr"),
        Atom(r"{H}[:](?P<m>[0-5][0-9])"),
        Atom(r"{H}\.(?P<m>[0-5][0-9])", sure=0.9),
        Atom(r"{H} h (?P<m>[0-5][0-9])"),
        Atom(r"{H} h", alone=False),
        Atom(r"{H} (?P<m>[1-5][0-9]|0[1-9])(?! [0-9])", sure=0.8),
        Atom(r"{H} - (?P<m>[1-5][05])", sure=0.7),
        Atom(r"{H}(?P<m>[0-5][0-9])", sure=0.9, alone=False),
        Atom(r"(?:zu )?mittag(?! (?:essen|zeit))", at=720, alone=False),
        Atom(r"{H}", alone=False),
    ),
    minutes={"viertel": 15, "halb": 30},
    back=frozenset(("vor",)),
    prefixes=(
        (
            r"(?:kurz|gleich|erst|etwas|ein bisschen|irgendwann) nach|(?:erst |frueh?estens |schon )?ab(?: etwa"
            r"| ca| circa)?"
            r"|fruehestens(?: um)?|nicht vor|nach|von|nicht frueher als|spaeter als",
            Bound.AFTER,
        ),
        (
            r"(?:kurz|gleich|noch|etwas|irgendwann) vor|spaetestens(?: um| bis)?|bis(?: um| spaetestens(?: um)?)?|vor"
            r"|nicht spaeter als|frueher als|nicht nach",
            Bound.BEFORE,
        ),
        (
            r"(?:so |etwa )?gegen|(?:so|etwa|circa|ca|ungefaehr|rund|ungefahr|zirka)(?: um| gegen)?(?: die)?|um"
            r" (?:die|circa|ca"
            r"|etwa|ungefaehr|so)|um rum",
            Bound.AROUND,
        ),
        (
            r"(?:punkt|genau|exakt|so|jeweils) um|um(?: punkt| genau)?|punkt|auf|genau|sagen wir(?: um)?|am"
            r" liebsten(?: um)?"
            r"|vielleicht um|zum beispiel um|lieber um|halt um",
            Bound.AT,
        ),
    ),
    parts=(
        (
            r"(?:[,] )?(?:morgens|vormittags?|am (?:frueh?en )?(?:morgen|vormittag)|in der fruehe?|frueh"
            r"|(?:[,] )?morgen (?:frueh|vormittag))",
            Part.MORNING,
        ),
        (r"(?:[,] )?(?:nachmittags?|am (?:spaeten |frueh?en )?nachmittag)", Part.AFTERNOON),
        (r"(?:[,] )?(?:mittags|am mittag|ueber mittag)", Part.NOON),
        (r"(?:[,] )?(?:abends?|am (?:spaeten |frueh?en )?abend|nachts|in der nacht)", Part.EVENING),
        (r"uhr|herum|rum|oder so|genau", None),
    ),
    followers=(
        "am|im|um|oder|und|aber|bitte|wenn|waere?|ist|war|geht|ginge|passt|wuerde|fuer|dann|ja|nein|das|ich|wir"
        "|es|diesen"
        "|naechsten|morgen|heute|uebermorgen|mit|weil|wird|kann|koennte|gut|besser|lieber|vielleicht|nicht"
        "|entschuldigung"
        "|moment|danke|gern|gerne|perfekt|okay|ok|bis|frei|noch|etwas|auch|klappt|kommen|vorbeikommen|da|haben"
        "|sein|doch"
        "|sonst|eigentlich|statt|moeglich|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|jeden|den|der|die"
        "|einen|mir|uns|bei|zu|nochmal|recht|super|toll|waers|zeit|kommende|kommenden|als|also|ab|wohl|halt|einrichten"
    ),
    opens="von|zwischen|irgendwann zwischen|ab",
    joins="bis|und|bis um|-|und etwa",
    predicates=(
        "(?:waere|ist|passt|ginge|geht|klingt)"
        " (?:(?:mir|uns|viel|etwas|noch|auch|sehr) )*(?:am besten|besser|gut|ideal|perfekt|moeglich|recht|prima|super)"
    ),
    closers="dann|stattdessen|lieber|bitte|zum beispiel|wenn moeglich",
    links="oder|und|oder vielleicht|oder auch|oder sonst",
    replaces=(
        "nein|nee|entschuldigung|sorry|ach nein|lieber|besser|ich meine|ich meinte|quatsch|moment|beziehungsweise|eher"
        "|sagen wir|doch|vielleicht|doch lieber|sondern|halt|vielmehr"
    ),
    polite=(
        "bitte|aeh|aehm|so|um|gegen|vielleicht|danke|ja|gern|gerne|okay|ok|gut|dann|sagen|wir|ich|nehme|lieber"
        "|passt|mir"
        "|waere|super|perfekt|waers|am|besten|geht|ginge|also|hm|das|nehmen|moechte|besser|wenn|moeglich|toll|wuerde|es"
        "|ist|recht|bei|uns|doch|den|um|eher|etwa|genau|klar"
    ),
    units=(
        "franken|euro|prozent|kilo|grad|jahren?|tag|woche|monat|leute|personen?|minuten|stunden?|mal|pro|chf"
        "|zaehne?|kinder"
        "|mark|rappen|th|hundert|tausend|jahre alt|patienten|termine?"
    ),
)  # fmt: skip
