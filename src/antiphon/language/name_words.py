"""Words around names that are no names, folded."""

from typing import Final

from antiphon.language.lexicon import vocabulary

TITLES: Final[frozenset[str]] = vocabulary(
    "mr mrs ms miss mister missus missis missy mssr monsieur madame mademoiselle signor signora signore senor senora"
    " sister brother reverend rev captain colonel sergeant judge pastor officer counsellor counselor maitre dame"
    " dr doctor doktor prof professor herr herrn frau fraeulein sir madam med dent"
)
PARTICLES: Final[frozenset[str]] = vocabulary("von van de der del della di da dos la le el al ibn ter zum zur af")
NOT_NAMES: Final[dict[str, frozenset[str]]] = {
    "en": vocabulary(
        # function words
        "a an the and or but if so because as of to in on at by for from with about into over under after before than"
        " then there here this that these those it its it's i i'm i'd i've i'll im you you're your he she we they my me"
        " his her our us them their who what when where why how which whose not no yes yeah yep nope ok okay"
        " please thanks"
        " thank is are was were be been being am have has had having do does did doing don't didn't doesn't can could"
        " can't cannot will would won't should shall may might must let let's get got just only also very"
        " really too quite"
        " rather still already again ever never always maybe perhaps actually sorry well oh uh um er hello hi hey good"
        # what callers say they are or do
        " calling ringing phoning looking wondering hoping trying asking speaking interested afraid sure fine"
        " great happy"
        " glad sick ill hurt hurting pregnant allergic busy late early free available able unable ready new old"
        " next last"
        " first second third one two three four five six seven eight nine ten patient client customer urgent emergency"
        " important correct right wrong true false possible impossible difficult hard easy bad nice lovely"
        " perfect terrible"
        " painful broken bleeding swollen loose sensitive missing coming going having been back home away still"
        " under over"
        " near close open closed worried concerned nervous scared anxious tired bit little lot lots some any"
        " all every each"
        " both few many much more most other another such same own kind sort type regarding concerning "
        # things and days
        "appointment appointments booking visit time date day week month year today tomorrow tonight yesterday morning"
        " afternoon evening night noon monday tuesday wednesday thursday friday saturday sunday january february march"
        " april june july august september october november december pain ache toothache tooth teeth gum gums mouth jaw"
        " filling crown cleaning checkup check-up check root canal dentist dental practice office phone number"
        " name surname"
        " insurance question problem issue thing something anything nothing everything someone anybody somebody nobody"
        " everyone wife husband son daughter mother father mom mum dad child kid kids family friend boss colleague"
        " question reason call message help information price cost money minute minutes hour hours moment second"
        " half quarter past o'clock spell spelled spelt letter letters double with wait know think mean need want like"
        " would love prefer hope guess suppose see come go make take give tell say said speak talk hear book"
        " cancel change"
        " move reschedule ask work works it'll that's what's who's where's there's he's she's we're they're"
        " isn't aren't"
        " wasn't haven't hasn't wouldn't couldn't shouldn't your yours mine everybody none up down out off"
        " through during"
        " between without while until since though although however anyway hang hold pardon excuse repeat understand"
        " english german french italian robot machine computer assistant swiss british american from zurich"
        " sprechen sprichst deutsch hochdeutsch"
        " mobile mobile's phone's number's cell cell's email"
        " speaking sir came went lives works sits waits stays"
        " dear darling honey sweetheart sweetie mate buddy pal bro dude folks guys ma'am goodness gosh heavens"
        " please capital uppercase lowercase small big"
        " born formerly nee previously pronounced written spells"
        " madam doctor nurse receptionist really alright course welcome goodbye bye cheers fully completely absolutely"
    ),
    "de": vocabulary(
        "der die das den dem des ein eine einen einem einer eines und oder aber wenn weil dass ob als wie so"
        " in im an am auf bei mit nach von vor zu zum zur um ueber unter fuer durch gegen ohne bis aus ab seit"
        " ich du er sie es wir ihr mich mir dich dir sich uns euch ihn ihm ihnen mein meine meinen meinem"
        " meiner dein sein seine ihre ihren unser wer was wann wo warum wieso welche nicht kein keine nein ja"
        " doch bitte danke ist sind war waren bin bist sein habe hab hat haben hatte haette kann koennte"
        " koennen muss muesste moechte moechten will wollte wuerde soll darf gern gerne auch noch schon nur"
        " sehr ganz etwas mal dann also halt eben einfach vielleicht leider genau richtig falsch gut schlecht"
        " neu neue neuer neuen alt krank schwanger dringend wichtig notfall schmerzen schmerz weh zahn zaehne"
        " zahnschmerzen zahnarzt praxis termin termine uhr zeit tag woche monat jahr heute morgen gestern"
        " uebermorgen vormittag nachmittag abend mittag montag dienstag mittwoch donnerstag freitag samstag"
        " sonntag januar februar maerz april juni juli august september oktober november dezember hallo guten"
        " gute gruezi tschuess wiedersehen entschuldigung moment sekunde minute stunde frage problem sache"
        " grund anruf nummer telefonnummer name namen nachname vorname versicherung krankenkasse kontrolle"
        " fuellung krone patient patientin kunde kundin frau mann sohn tochter mutter vater kind kinder"
        " familie freund da hier dort jetzt gleich bald spaeter frueh frueher spaet immer nie wieder sicher"
        " klar okay ok super perfekt toll aeh aehm hm ach na nun mehr weniger viel viele alle alles nichts"
        " jemand niemand beide bisschen eins zwei drei vier fuenf sechs sieben acht neun zehn null erste"
        " zweite auf wegen apparat telefon buchstabiere buchstabieren geschrieben doppel sprechen spreche rufe"
        " ruft anrufen suche brauche hoere verstehe weiss glaube denke komme kommen gehen geht machen mache"
        " sagen sage tut wird werden wurde unterwegs zuhause deutsch englisch roboter maschine computer froh"
        " muede nervoes interessiert angemeldet bereits do you speak english can talk please gruesse"
        " freundliche liebe beste schoene schoenen"
    ),
}
ALSO_SURNAMES: Final[dict[str, frozenset[str]]] = {
    "en": vocabulary("crown price may day march english french german hope new old little close love work good"),
    "de": vocabulary("krone alt neu mann kind freund gut klar sommer maerz mai sache grund"),
}
"""Of `NOT_NAMES` those that are a surname where a given name stands before them."""
ANSWERS: Final[dict[str, frozenset[str]]] = {
    "en": vocabulary(
        "yes yeah yep sure ok okay please thanks thank you hello hi uh um er oh well so of course certainly"
        " it's its it is my name is this i'm i am the first last name's speaking here and would be that's that"
        " surname named hey good morning afternoon evening right absolutely dear darling honey love mate buddy madam"
        " sir it'd that'd this'd would'd that'll it'll certainly naturally indeed gladly"
    ),
    "de": vocabulary(
        "ja gerne gern klar ok okay bitte danke hallo aeh aehm ehm also na oh mein name ist ich bin heisse"
        " das guten gute tag morgen abend gruezi natuerlich sicher und hier nachname vorname apparat der die"
        " so"
    ),
}
"""What may surround a name that is the whole answer."""
OPENERS: Final[frozenset[str]] = vocabulary(
    "wow ow ouch help hurry sorry pardon excuse listen look right well quick fine great super thanks cheers first"
    " second next then now finally anyway so question emergency urgent problem dentist doctor nurse reception"
    " receptionist praxis practice robot computer machine dear darling mate goodness gosh god jesus christ heavens"
    " lord blimey crikey jeez damn dammit hell man boy dude guys folks gentlemen ladies lady grandma grandpa"
    " granny hiya heya howya howdy wotcha yo evening morning afternoon grueezi salue sali hoi tschau mitenand gruessech"
    " granny bonjour bonsoir salut ciao hola greetings howdy welcome salve servus moin namaste shalom aloha"
    " buongiorno hallo gruezi hoi please bitte danke cancel change move book monday today tomorrow heute morgen"
    " nothing something everything tooth teeth gum gums mouth jaw crown bridge cap implant implants braces wisdom"
    " kid kids children son daughter husband wife mother father mum dad mom baby appointment appointments visit"
    " termin notfall frage zahn zaehne zahnarzt kontrolle schmerzen schmerz entschuldigung moment achtung also gut"
    " genau honestly basically briefly simply english german deutsch"
)
"""What callers open a call with, and what they want, in one word that is no name."""
