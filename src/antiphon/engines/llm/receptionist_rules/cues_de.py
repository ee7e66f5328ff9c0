"""German cues; see `cues` for how a line is read (umlauts are compared as ae, oe, ue, so both spellings match)."""

INTENTS = {
    "book": """
        1.0 buchen|reservieren|vereinbaren|ausmachen|abmachen|gebucht
        0.7 termin|termine
        0.6 möchte|will|wollte|brauche|bräuchte|hätte|würde|suche|wünsche|muss|müsste
        0.4 kann|könnte|könnten|geht|ginge|dürfte ich|sie|wir|es|man
        1.0 haben|hätten|hat|gibt sie|es .. zeit|platz|frei|etwas|möglichkeit
        0.6 machen|bekommen|kriegen|geben
        0.6 vorbeikommen|kommen|vorbeischauen
        0.5 zahnarzt|zahnärztin|doktor|dr|dentalhygienikerin
        1.0 noch etwas|was|einen frei|termin
        0.8 frei|freie|freien|verfügbar
        1.0 neuen|anderen weiteren? termin
        0.6 eintragen|einschieben|dazwischenschieben|reinschieben|reinquetschen|drannehmen
        0.6 anmelden|melden
        0.5 mal wieder
        0.5 fällig|nötig
        0.5 lassen
    """,
    "move": """
        0.6 später|früher|lieber|stattdessen
        1.3 verschieben|verschiebe|verlegen|umbuchen|verschoben|verlegt|vorverlegen|vorziehen|ändern|umlegen
        1.0 auf .. verschieben|verlegen|ändern
        0.7 anderen|anderer|neuen tag|termin|zeit|uhrzeit
        0.6 stattdessen|statt|anstatt
        0.4 termin
        1.0 nach hinten|vorne
        0.6 tauschen|wechseln|schieben
    """,
    "cancel": """
        1.3 absagen|absage|abgesagt|stornieren|storniere|streichen|abbestellen|canceln|annullieren
        1.3 sage|sagen|sag .. ab
        1.2 lösche|löschen|gelöscht
        1.2 termin .. nicht mehr
        1.2 !brauche|brauch .. termin .. nicht
        1.2 !brauche|brauch .. keinen termin
        1.0 aus .. kalender nehmen|streichen
    """,
    "cant_come": """
        1.0 !kann|können|könnte|werde .. nicht .. kommen|wahrnehmen|einhalten|da|erscheinen
        1.0 !schaffe|schaff|schaffen .. nicht
        1.0 !doch|leider nicht
        1.0 fällt .. aus
        1.0 !nicht kommen|einhalten|wahrnehmen|schaffen
        1.0 etwas|was|mir .. dazwischengekommen|dazwischen
        1.0 dazwischengekommen
        1.0 verhindert
    """,
    "callback": """
        1.2 rückruf|zurückrufen|zurückruft|zurückrufst|rückrufbitte
        1.2 rufen|ruft|ruf .. zurück|an
        1.2 nachricht|notiz
        1.2 ausrichten|richten
        1.0 sagen|sag sie|ihm|ihr .. dass
        1.0 verspäte|verspätung|verspäten
        1.2 komme|bin .. später|verspätet
        1.2 komme|bin .. zu spät
        1.0 rezept|überweisung|befund|röntgenbilder
        1.2 soll|sollen|bitte|jemand|ärztin|arzt .. anrufen|melden|anruft|meldet
        1.2 anruf .. verpasst
        1.0 melden sie sich
    """,
    "human": """
        1.2 sprechen|reden|telefonieren|verbinden mit|zu .. mensch|menschen|jemand|jemandem|person|mitarbeiter|
            mitarbeiterin|arzt|ärztin|doktor|dr|kollegin|kollegen|chef|empfang|zahnarzt|zahnärztin|team
        1.2 mit .. mensch|menschen|jemandem|person|mitarbeiter|mitarbeiterin|kollegin|kollegen|chef|
            empfang .. sprechen|reden|verbinden|verbunden
        1.2 verbinden|verbinde|durchstellen|stellen|weiterleiten .. mich|durch
        1.2 mich .. verbinden|durchstellen|weiterleiten|weiterverbinden
        1.2 echten|echter|richtigen|richtiger|wirklichen menschen|mensch|person|mitarbeiter|mitarbeiterin
        1.2 menschen|mensch .. sprechen|reden
        1.2 beschweren|beschwerde
        1.2 geben|gib .. mir .. kollegin|kollegen|mensch|menschen|person|jemanden
        1.2 !nicht|keinem|keiner|keinen .. maschine|roboter|computer|automaten|automat
        1.2 sprechen|reden .. dr|doktor|frau|herrn
        1.2 dr|doktor .. sprechen|reden
    """,
    "status": """
        1.2 wann ist|war .. mein|unser .. termin
        1.2 wann habe|hatte ich .. termin
        1.2 termin .. vergessen
        1.2 wann .. mein|meinen|meiner .. termin
        1.2 bin ich .. eingetragen|gebucht|angemeldet
        1.2 habe ich .. einen? termin
        1.2 mein|meinen termin bestätigen|nachfragen|bestätigt
        1.2 weiss|weiß nicht .. wann .. termin
    """,
    "hours": """
        1.2 öffnungszeiten|sprechstunden|sprechzeiten|praxiszeiten|sprechstunde
        1.2 haben|ist|sind|hat|habt .. offen|geöffnet|geschlossen|auf|zu
        1.2 wann|wie|bis .. offen|geöffnet|auf|öffnen|schliessen|zu|macht|machen|erreichbar
        1.2 sind|seid|ist .. da|erreichbar
        1.2 bis wann|um
        1.2 wie lange .. da|offen|geöffnet|auf|haben|sind
        1.2 offen|geöffnet|geschlossen .. heute|morgen|jetzt|am|samstag|samstags|sonntag|wochenende|mittags
        1.0 mittagspause
        1.0 arbeiten sie
        -1.5 termin|etwas|termine .. frei|offen
    """,
    "price": """
        1.2 wie teuer|viel
        1.2 was .. kostet|kosten|koste|zahle|zahlen|kosten|verlangen
        1.2 kostet|kosten|preis|preise|preisliste|tarif|gebühr|teuer
        1.2 muss ich .. zahlen|bezahlen|rechnen
    """,
    "services": """
        1.2 welche|was für leistungen|behandlungen|dienstleistungen|angebote
        1.2 was .. bieten|anbieten|machen .. alles|an
        1.2 bieten|machen|haben sie .. an|auch
        1.0 leistungen|behandlungen|angebot
    """,
    "robot": """
        1.5 sind|bist|ist sie|du|das|hier .. roboter|computer|mensch|maschine|echt|bot|ki|automat|person|band|aufnahme
        1.5 spreche|rede|sprech ich .. roboter|computer|mensch|menschen|maschine|bot|ki
        1.2 mit wem .. spreche|rede|sprech|ich
        1.2 wer .. sind|ist sie|da|dort|dran|am
        1.2 wie heissen|heißen sie
        1.2 wer spricht
        1.2 bin ich .. richtig|praxis|verbunden
    """,
    "repeat": """
        1.2 wie bitte
        1.2 noch einmal|mal .. bitte|sagen|wiederholen|langsam
        1.2 nochmal|nochmals
        1.2 wiederholen|wiederhole
        1.2 was .. haben sie .. gesagt|gefragt|gemeint
        1.2 was haben|war|hast .. gesagt|frage
        1.2 !nicht|nichts|schlecht|akustisch .. verstanden|gehört|verstehe|mitbekommen|mitgekriegt
        1.0 lauter|langsamer
    """,
    "thanks": "1.0 danke|dank|merci|vielen|bedanke|dankeschön\n1.0 sehr nett|freundlich",
    "bye": """
        1.2 tschüss|tschüs|tschau|ciao|ade|adieu|wiederhören|wiedersehen|wiederluege|wiederlose|servus|tschuess
        1.2 auf wiederhören|wiedersehen
        1.2 schönen|schöne|schönes guten? tag|abend|wochenende|woche|nachmittag
        1.2 bis dann|bald|später|morgen
        1.2 mach's|machs gut
    """,
    "done": """
        1.2 das war|ist|wäre|wärs|wars .. alles|schon
        1.2 sonst|weiter nichts|nein|keine
        1.2 !nichts mehr|weiter|weiteres
        1.2 alles klar|gut|bestens|erledigt
        1.2 das wärs|wars
        1.2 !heute|sonst .. nicht|nichts
    """,
    "abort": """
        1.2 vergessen|lassen|lass|vergiss sie? es|das|wir
        1.2 schon gut|egal
        1.2 anders überlegt
        1.2 von vorne|vorn|neu
        1.2 überlege es mir
        1.2 !doch nicht
        1.2 stopp|stop|abbrechen
        1.2 !lieber nicht
    """,
    "wait": """
        1.2 einen|ein|kleinen moment|augenblick|sekunde|minute|momentchen
        1.2 moment|sekunde|augenblick bitte|mal|noch
        1.2 warten|warte|wart sie|mal|bitte|kurz
        1.2 lassen|lass sie? mich .. schauen|überlegen|nachsehen|nachschauen
        1.2 ich schaue|muss .. nachschauen|nach|nachsehen|schauen
        1.0 moment
    """,
    "unsure": """
        1.2 !weiss|weiß .. nicht
        1.2 !keine ahnung
        1.2 !nicht sicher|genau
        1.0 vergessen|unsicher|vielleicht
        1.2 !nicht erinnern|mehr
    """,
    "any": """
        1.2 egal
        1.2 irgendwann|jederzeit|flexibel|beides|irgendein|irgendeine
        1.2 spielt keine rolle
        1.2 ganz gleich
        1.2 wie es .. passt
        1.2 was .. haben|hätten sie .. frei|anzubieten
        1.2 wann .. haben|hätten|ist .. frei|etwas|platz
        1.2 schlagen sie .. vor
        1.2 wann .. geht|passt .. ihnen|bei
    """,
    "soonest": """
        1.2 so schnell|bald|rasch|früh wie|als
        1.2 schnellstmöglich|baldmöglichst|möglichst|frühestens|baldigst
        1.2 nächste|nächsten|nächster|erste|ersten|früheste|frühesten|nächstmögliche|nächstmöglichen freie|freien|
            mögliche|möglichen|freier|möglicher|termin
        1.2 nächstmögliche|nächstmöglichen|nächstmöglicher
        1.2 sofort|dringend|umgehend
        1.0 bald|schnell
    """,
    "earlier": "1.2 früher|eher",
    "later": "1.2 später|spaeter",
    "other": """
        1.2 etwas|was anderes
        1.2 anderer|andere|anderen|anderes termin|tag|zeit|zeiten|tage|möglichkeit
        1.2 weder
        1.2 keiner|keinen|keines|keins von
        1.2 !passt|geht|ginge .. nicht|leider
        1.2 !nicht gut|möglich|so
    """,
    "first": "1.2 erste|ersten|erster|erstere",
    "second": "1.2 zweite|zweiten|zweiter|letztere|letzte",
    "changed": """
        1.0 doch|eigentlich|stattdessen|korrektur|lieber
        1.0 ich meinte|meine
        1.0 entschuldigung|sorry|pardon|verzeihung
        1.0 falsch|fehler|versprochen
        1.0 besser
        1.0 machen wir
    """,
    "greeting": "1.0 hallo|grüezi|guten|grüss|hoi|salü|moin tag|morgen|abend|gott?",
    "new_patient": """
        1.2 neu|neue|neuer .. ihnen|patient|patientin|hier
        1.2 noch nie|nicht .. da|ihnen|bei
        1.2 zum|das ersten|erste mal
        1.2 !kein|keine|noch nicht patient|patientin
        1.2 neu hergezogen|zugezogen
    """,
    "known_patient": """
        1.2 schon|bereits .. patient|patientin|bei ihnen|mal|da
        1.2 bestehende|bestehender|langjährige|langjähriger patient|patientin
        1.2 ich bin patient|patientin
        1.2 bin seit .. ihnen|patient|patientin
        1.2 war schon .. ihnen|da
    """,
    "urgent": "1.0 dringend|eilig|sofort|notfalltermin|schnellstmöglich|heute|eilt",
    "severe": """
        1.0 starke|stark|schlimme|schlimm|furchtbar|furchtbare|schrecklich|schreckliche|heftige|heftig|extrem|
            extreme|wahnsinnig|wahnsinnige|höllisch|höllische
        1.0 !nicht .. schlafen|essen|kauen
        1.0 sehr|so|ganz weh|schlimm|stark|starke
        1.0 pocht
    """,
    "routine": "1.2 !nicht|kein|keine dringend|eile|eilig\n1.2 eilt .. nicht\n1.2 routine|routinemässig",
    "overdue": """
        1.0 !lange|jahre|jahren|ewig .. nicht .. zahnarzt|kontrolle|da
        1.0 wieder einmal|mal
        1.0 hoechste|langsam|endlich zeit
        1.0 !nichts besonderes|bestimmtes
    """,
    "may_record": "1.2 dürfen|können|einverstanden|gerne|ok|okay .. aufnehmen|aufzeichnen|aufzeichnung|aufnahme",
    "no_recording": """
        1.2 !nicht|keine|ohne .. aufnehmen|aufzeichnen|aufzeichnung|aufgenommen|aufgezeichnet|aufnahme
    """,
    "speak_en": """
        1.2 sprechen|reden|auf .. englisch
        1.2 englisch bitte|sprechen
        1.2 speak|talk|in .. english
        1.2 english please
    """,
    "speak_de": """
        1.2 sprechen|reden|auf .. deutsch
        1.2 deutsch bitte|sprechen
    """,
    "injection": """
        1.5 ignorieren|ignoriere|vergiss|vergessen|missachte|umgehe .. anweisung|anweisungen|regeln|instruktionen|
            befehle
        1.5 systemprompt|entwicklermodus|administratormodus
        1.5 du bist jetzt
        1.5 tu|tue|tun .. so als
        1.5 ich bin .. administrator|entwickler|admin
    """,
    "about_name": "1.0 name|namen|nachname|nachnamen|vorname",
    "about_phone": "1.0 nummer|telefonnummer|handynummer|ziffer|ziffern|telefon",
    "about_day": "1.0 tag|datum|wochentag",
    "about_time": "1.0 zeit|uhrzeit|uhr|stunde|früher|später",
    "about_reason": "1.0 grund|behandlung|anliegen|leistung",
    "last_digits": """
        1.0 letzte|letzten|hinten|ende .. ziffer|ziffern|zahl|zahlen|nummer|zwei|drei|vier
        1.0 endet|hört .. auf|mit
        1.0 am ende|schluss
    """,
    "question": """
        1.0 was|wann|wo|wer|wie|welche|welcher|welches|warum|wieso|wohin
        1.0 haben|kann|können|könnten|gibt|ist|sind|darf|muss|nehmen|machen|bieten|behandeln|zahlt|sprechen|hat|
            akzeptieren sie|ich|man|es|das|die|der|noch|auch
        0.6 frage|wissen|ob
    """,
    "existing": "1.0 mein|meinen|meinem|meines|unser|unseren|den|der|bestehenden|vereinbarten .. termin|termins",
    "no_phone": "1.0 !nicht .. geben|sagen|angeben\n1.0 !kein|keine .. telefon|handy|nummer|telefonnummer",
    "same_time": "1.0 gleiche|gleichen|selbe|selben zeit|uhrzeit|stunde",
    "week_later": """
        1.2 eine|um woche später|weiter|danach|darauf|nach
        1.2 woche später|nach
    """,
    "week_earlier": "1.2 eine|um woche früher|vorher|eher",
    "day_later": "1.2 einen|ein|am tag später|danach|darauf\n1.2 tag später\n1.2 am nächsten|folgenden tag",
    "day_earlier": "1.2 einen|ein|am tag früher|vorher|davor",
}

EMERGENCIES = {
    "breathing": """
        !nicht|kaum|schlecht|schwer .. atmen|schlucken|luft
        !keine|kaum|kein luft
        atemnot|atembeschwerden|schluckbeschwerden|ersticke|erstickt
        probleme|mühe|schwierigkeiten .. atmen|schlucken
        hals|rachen|kehle .. geschwollen|schwillt|zugeschwollen
    """,
    "unconscious": """
        bewusstlos|ohnmächtig|ohnmacht|zusammengebrochen|kollabiert
        herzinfarkt|herzschmerzen|brustschmerzen
        allergischer|allergische schock|reaktion
        schmerzen .. brust
    """,
    "bleeding": """
        !blutet|blutung|bluten|blute|blut .. nicht .. auf|stoppen|stillen|stoppt|mehr
        !hört .. nicht .. auf .. bluten
        !nicht auf .. bluten
        blutet|blute|bluten|blutung stark|heftig|sehr|ununterbrochen|extrem|andauernd|fest|wie
        starke|heftige|massive|schwere|extreme blutung|blutungen
        stark|heftig|sehr|viel .. blutet|blut|blutung|bluten
        überall|alles .. blut
        voller|voll .. blut
    """,
    "tooth_out": """
        zahn|zähne|zahns .. ausgeschlagen|rausgeschlagen|herausgeschlagen|rausgefallen|herausgefallen|ausgefallen|
            verloren|raus
        ausgeschlagen|rausgeschlagen|herausgeschlagen .. zahn|zähne
        zahn|zähne .. in der hand
        -9 krone|füllung|plombe|brücke|milchzahn|stift|provisorium
    """,
    "swelling": """
        gesicht|wange|backe|kiefer|zunge|auge|lippe|mund .. geschwollen|angeschwollen|schwillt|dick|schwellung
        geschwollen|geschwollene|geschwollenes|angeschwollen|schwellung|dicke .. gesicht|wange|backe|kiefer|zunge|auge
        starke|grosse|massive|schlimme schwellung
        schwellung .. grösser|schlimmer|zu|fieber
        fieber .. schwellung|geschwollen|abszess
    """,
    "accident": """
        hatte|hatten|gab|nach|bei|einen|war .. unfall
        unfall .. zahn|zähne|mund|gesicht|kiefer|verletzt
        gestürzt|sturz|gefallen|hingefallen .. gesicht|mund|zähne|zahn|kinn|kiefer
        kiefer gebrochen
        schlag .. gesicht|mund|zähne
        gesicht|mund|zähne .. gestürzt|gefallen|geschlagen
    """,
    "pain": """
        unerträglich|unerträgliche|unerträglichen|unaushaltbar|unaushaltbare|bestialisch|bestialische
        !nicht|kaum .. aushalten|auszuhalten|aushaltbar|ertragen
        !halte|halt .. nicht .. aus
        schlimmste|schlimmsten schmerzen
        zehn|10 von zehn|10
    """,
    "other": """
        das|es|hier ist|handelt .. notfall
        ist ein notfall
        habe|haben .. einen? notfall
        brauche|schicken .. krankenwagen|ambulanz|rettungswagen|notarzt
        -9 notfalltermin|notfallnummer|notfalldienst
    """,
}

SYMPTOMS = {
    "chest_pain": """
        brustschmerzen|brustschmerz|herzschmerzen|herzinfarkt|brustenge
        schmerz|schmerzen|weh|druck|stechen|enge .. brust|brustkorb|herz|herzen
        brust|brustkorb|herz .. weh|schmerzt|schmerzen|sticht
    """,
    "numbness": """
        !nicht|kaum .. spüren|fühlen|bewegen
        arm|arme|bein|beine|hand|hände|finger .. taub|kribbelt|gelähmt|nicht
        taub|gelähmt .. arm|arme|bein|beine|hand|hände|finger
    """,
    "toothache": """
        zahnschmerzen|zahnschmerz|zahnweh|schmerzen|schmerz|schmerzt
        zahn|zähne|backenzahn|weisheitszahn .. weh|schmerzt|schmerzen|pocht|sticht|zieht
        weh|schmerzt|pocht .. zahn|zähne
        tut|tun .. weh
    """,
    "sensitivity": "empfindlich|empfindliche\nkalt|kaltem|heiss|heissem|süss .. weh|empfindlich|schmerzt",
    "bleeding_gums": "zahnfleisch .. blutet|bluten|blut|zahnfleischbluten\nzahnfleischbluten\nblutet .. zahnfleisch",
    "bleeding": "blutet|blutung|blute",
    "swelling": "geschwollen|geschwollene|geschwollenes|angeschwollen|schwellung|dicke",
    "broken_tooth": """
        zahn|zähne|backenzahn .. abgebrochen|gebrochen|gesprungen|abgesplittert|angebrochen
        abgebrochen|abgebrochener|abgebrochenen .. zahn
        stück .. abgebrochen
    """,
    "lost_filling": """
        füllung|plombe .. raus|herausgefallen|rausgefallen|verloren|weg|draussen|locker
        verloren .. füllung|plombe
    """,
    "lost_crown": """
        krone|brücke .. raus|herausgefallen|rausgefallen|verloren|weg|draussen|locker|gelöst
        verloren .. krone
    """,
    "loose_tooth": "zahn|zähne .. wackelt|locker|wackeln\nwackelt|lockerer|wackelnder .. zahn",
    "abscess": "abszess|eiter|eitrig",
    "fever": "fieber",
    "knocked_out_tooth": "zahn|zähne .. ausgeschlagen|rausgeschlagen|herausgeschlagen\nausgeschlagen .. zahn",
    "jaw_pain": "kiefer .. weh|schmerzt|schmerzen|knackt\nkieferschmerzen",
    "bad_breath": "mundgeruch",
}

INSURERS = {
    "Helsana": "helsana", "CSS": "css", "Swica": "swica", "Sanitas": "sanitas", "Concordia": "concordia",
    "Visana": "visana", "KPT": "kpt", "Assura": "assura", "Groupe Mutuel": "groupe mutuel", "Atupri": "atupri",
    "Sympany": "sympany", "ÖKK": "oekk|ökk", "Suva": "suva", "AXA": "axa", "Allianz": "allianz", "EGK": "egk",
}  # fmt: skip
