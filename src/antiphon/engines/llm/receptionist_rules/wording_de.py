"""Everything that the receptionist says in German."""

SENTENCES = {
    # Words and phrases that fill the sentences.
    "on": "am",
    "at": "um",
    "and": " und ",
    "or": " oder ",
    "offered": "{day} um {time}",
    "span": "von {opens} bis {closes}",
    "near_days": "heute|morgen|übermorgen",
    "weekdays": "Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag",
    "part_morning": "am Morgen",
    "part_noon": "über Mittag",
    "part_afternoon": "am Nachmittag",
    "part_evening": "am Abend",
    # Opening, closing, silence.
    "greeting": "{practice}, guten Tag. Hier ist die automatische Assistentin. Wie kann ich Ihnen helfen?",
    "still_there": "Sind Sie noch da?",
    "hello_again": "Ich kann Sie gerade nicht hören.",
    "silent_goodbye": "Ich höre Sie leider nicht und lege jetzt auf. Bitte rufen Sie wieder an. Auf Wiederhören.",
    "goodbye": "Vielen Dank für Ihren Anruf. Auf Wiederhören!",
    "goodbye_unfinished": "In Ordnung, ich habe nichts geändert. Vielen Dank für Ihren Anruf, auf Wiederhören!",
    "goodbye_unbooked": "In Ordnung, ich habe nichts gebucht. Vielen Dank für Ihren Anruf, auf Wiederhören!",
    "goodbye_done": "Vielen Dank, bis bald. Auf Wiederhören!",
    "welcome": "Gern geschehen.",
    "wait": "Natürlich, lassen Sie sich Zeit.",
    "aborted": "In Ordnung, ich habe nichts geändert.",
    "kept": "In Ordnung, Ihr Termin bleibt, wie er ist.",
    "switched": "Natürlich, wir können Deutsch sprechen.",
    # Questions.
    "ask_task": "Was kann ich für Sie tun?",
    "ask_reason": "Worum geht es bei dem Termin?",
    "ask_slot": "Wann möchten Sie kommen?",
    "ask_slot_move": "Wann möchten Sie stattdessen kommen?",
    "ask_slot_other": "Welcher andere Tag und welche Zeit würden Ihnen passen?",
    "ask_day": "Welcher Tag würde Ihnen passen?",
    "ask_day_known": "An welchem Tag {time} würde es Ihnen passen?",
    "ask_time": "Um welche Zeit {day} würde es Ihnen passen, zum Beispiel {examples}?",
    "ask_name": "Wie ist Ihr Name, bitte?",
    "ask_phone": "Unter welcher Telefonnummer erreichen wir Sie?",
    "phone_needed": "Für die Buchung brauche ich eine Nummer, falls sich etwas ändert.",
    "ask_old_cancel": "An welchem Tag ist der Termin?",
    "ask_old_move": "Wann ist der Termin, den Sie jetzt haben?",
    "ask_message": "Worum geht es?",
    "ask_change": "Was soll ich ändern?",
    "ask_change_or_keep": "Was soll ich ändern, oder soll der Termin so bleiben, wie er ist?",
    "ask_move_or_cancel": "Möchten Sie den Termin auf einen anderen Tag verschieben oder absagen?",
    "ask_want_booking": "Möchten Sie dafür einen Termin vereinbaren?",
    "ask_want_callback": "Soll eine Kollegin Sie deswegen zurückrufen?",
    "ask_human": "Soll ich Sie mit einer Kollegin verbinden?",
    "ask_more": "Kann ich sonst noch etwas für Sie tun?",
    "ask_more_again": "Haben Sie sonst noch einen Wunsch?",
    # What was not understood.
    "sorry": "Entschuldigung, das habe ich nicht verstanden.",
    "sorry_repeat": "Entschuldigung, ich habe Sie schlecht gehört. Können Sie das bitte noch einmal sagen?",
    "sorry_task": "Ich kann Termine vereinbaren, verschieben oder absagen, eine Nachricht aufnehmen oder Fragen zur "
    "Praxis beantworten.",
    "sorry_reason": "Ich habe nicht verstanden, wofür der Termin ist. Ist es {services}, oder etwas anderes?",
    "sorry_slot": "Entschuldigung, ich habe Tag und Zeit nicht verstanden. Wann möchten Sie kommen?",
    "sorry_day": "Entschuldigung, ich habe den Tag nicht verstanden. Welcher Tag würde Ihnen passen?",
    "sorry_time": "Ich habe notiert: {day}, aber die Zeit habe ich nicht verstanden. Um welche Zeit möchten "
    "Sie kommen?",
    "sorry_name": "Entschuldigung, ich habe den Namen nicht verstanden. Wie sind Ihr Vorname und Nachname?",
    "sorry_phone": "Entschuldigung, ich habe die Nummer nicht verstanden. Können Sie sie Ziffer für Ziffer "
    "wiederholen?",
    "sorry_old": "Entschuldigung, ich habe den Tag nicht verstanden. An welchem Tag ist Ihr Termin?",
    "sorry_yes_no": "Entschuldigung, war das ein Ja oder ein Nein?",
    "sorry_human": "Es tut mir leid, ich verstehe Sie noch immer nicht.",
    "digits_part": "Ich habe bis jetzt {digits}. Wie geht die Nummer weiter?",
    "digits_bad": "Ich habe {digits} verstanden, aber das ist keine vollständige Nummer. Können Sie die ganze Nummer "
    "wiederholen?",
    "doubt": "Ich habe verstanden: {what}. Stimmt das?",
    "only_appointments": "Das kann ich nicht. Ich helfe Ihnen gern bei Terminen und Fragen zur Praxis.",
    # What was understood.
    "ack": "{what}, gut.",
    "ack_name": "Danke, {name}.",
    "ack_sorry": "Das tut mir leid.",
    "ack_book": "Gerne.",
    "ack_move": "Natürlich, wir können ihn verschieben.",
    "ack_cancel": "In Ordnung.",
    "ack_cant_come": "Danke, dass Sie Bescheid geben.",
    "ack_callback": "Gerne nehme ich eine Nachricht auf.",
    "ack_change": "Das habe ich geändert.",
    # Times that do not fit.
    "misfit_past": "{moment}, das ist schon vorbei.",
    "misfit_closed": "{day} haben wir geschlossen.",
    "misfit_holiday": "{day} ist ein Feiertag, da haben wir geschlossen.",
    "misfit_outside": "das liegt ausserhalb unserer Öffnungszeiten: {weekday} haben wir {spans} offen, und eine "
    "Behandlung dauert {minutes} Minuten.",
    "misfit_part": "{day} habe ich {part} nichts.",
    "offer_one": "Das Nächste, was ich anbieten kann, ist {first}. Passt Ihnen das?",
    "offer_two": "Ich könnte {first} oder {second} anbieten. Was passt Ihnen?",
    "offer_soonest": "Der nächste freie Termin ist {first}. Passt Ihnen das?",
    "offer_within": "Ich könnte {first} anbieten. Passt Ihnen das?",
    "offer_which": "Möchten Sie {first} oder {second}?",
    "offer_none": "Da finde ich nichts Freies.",
    # Read-backs and results.
    "check_book": "Also {reason} {slot} für {name}, Telefon {phone}. Stimmt das?",
    "check_move": "Ich verschiebe also den Termin von {name}, neu {slot}. Stimmt das?",
    "check_move_from": "Ich verschiebe also den Termin von {name} {old}, neu {slot}. Stimmt das?",
    "check_cancel": "Ich sage also den Termin von {name} {old} ab. Stimmt das?",
    "check_cancel_unknown": "Ich sage also den nächsten Termin von {name} ab. Stimmt das?",
    "check_callback": "Eine Kollegin ruft {name} also zurück, unter {phone}, und es geht um: {message}. Stimmt das?",
    "check_phone_too": "Und unter welcher Telefonnummer erreichen wir Sie?",
    "done_book": "Ihr Termin ist gebucht, {slot}.",
    "done_move": "Ihr Termin ist verschoben, neu {slot}.",
    "done_cancel": "Ihr Termin ist abgesagt.",
    "done_callback": "Eine Kollegin ruft Sie zurück.",
    # Questions about the practice.
    "hours_week": "Wir haben {hours} geöffnet.",
    "hours_open_on": "{day} haben wir {spans} offen.",
    "hours_closed_on": "{day} haben wir geschlossen.",
    "hours_yes": "Ja, {day} haben wir {spans} offen.",
    "hours_no": "Nein, {day} haben wir geschlossen. Wir haben {hours} geöffnet.",
    "hours_not_then": "Nein, {day} haben wir {spans} offen.",
    "hours_now_open": "Ja, wir haben jetzt offen, heute bis {closes}.",
    "hours_now_closed": "Im Moment haben wir geschlossen. Wir öffnen wieder {opens}.",
    "hours_now_closed_for_long": "Im Moment haben wir geschlossen.",
    "price_unknown": "Den Preis für {service} kenne ich nicht; er hängt von der Behandlung ab.",
    "price_which": "Das hängt von der Behandlung ab. An welche denken Sie?",
    "price_some": "{prices}",
    "services": "Wir bieten {services} an.",
    "service_yes": "Ja, wir bieten {service} an.",
    "robot": "Ich bin die automatische Assistentin der {practice}, ein Computer und kein Mensch. Ich kann Termine "
    "vereinbaren, Nachrichten aufnehmen und Sie mit einer Kollegin verbinden.",
    "no_diary": "In die Agenda kann ich leider nicht selber schauen.",
    # Hand-over and emergencies.
    "transfer": "Einen Moment bitte, ich verbinde Sie mit einer Kollegin.",
    "emergency_breathing": "Das ist ein Notfall: Wenn Sie schlecht atmen oder schlucken können, legen Sie auf und "
    "wählen "
    "Sie sofort die {number}.",
    "emergency_unconscious": "Das ist ein Notfall: Bitte legen Sie auf und wählen Sie sofort die {number}.",
    "emergency_bleeding": "Das ist ein Notfall. Drücken Sie ein sauberes Tuch fest darauf, halten Sie den Kopf hoch, "
    "und "
    "wenn es stark blutet oder nicht aufhört, wählen Sie sofort die {number}.",
    "emergency_tooth_out": "Das ist ein Notfall. Fassen Sie den Zahn nur an der Krone an, legen Sie ihn in Milch und "
    "kommen "
    "Sie sofort zu uns; bei schweren Verletzungen wählen Sie die {number}.",
    "emergency_swelling": "Das ist ein Notfall. Eine solche Schwellung muss sofort angeschaut werden; bei Fieber oder "
    "Atemnot wählen Sie sofort die {number}.",
    "emergency_accident": "Das ist ein Notfall. Wenn jemand schwer verletzt ist, wählen Sie sofort die {number}; sonst "
    "kommen Sie gleich zu uns.",
    "emergency_pain": "Solche Schmerzen sind ein Notfall und müssen sofort behandelt werden. Wenn es schlimmer "
    "wird, bei "
    "Fieber oder Atemnot, wählen Sie die {number}.",
    "emergency_other": "Wenn jemand in Gefahr ist, legen Sie auf und wählen Sie sofort die {number}. Sonst kommen Sie "
    "gleich zu uns.",
    "emergency_again": "Bitte denken Sie daran: Im Notfall wählen Sie die {number}.",
    "ask_human_emergency": "Soll ich Sie jetzt mit einer Kollegin verbinden?",
}
