"""English cues; see `cues` for how a line is read. An intent is meant from a sum of 1.0 on."""

from antiphon.engines.llm.receptionist_rules.complaints_en import EMERGENCIES, INSURERS, SYMPTOMS

__all__ = ["EMERGENCIES", "INSURERS", "INTENTS", "SYMPTOMS"]

INTENTS = {
    "book": """
        1.0 book|booking|reserve|reserving|schedule|scheduling
        1.0 squeeze|fit|pencil|slot|book|get .. in|into
        0.8 room|space|gap|gaps|spot
        0.7 appointment|appointments|visit
        0.5 want|wanted|need|like|love|hoping|hope|looking|wondering|wish|require|after
        0.4 can|could|may|might i|we|you
        0.6 make|arrange|set|get|have|take|fix up? a|an|some|my
        0.6 see|seen|seeing|meet
        1.0 any|a chance of
        0.5 dentist|doctor|hygienist|dr
        0.6 come|pop|stop|drop|swing in|by|round|around
        0.6 could|may|might i|we|he|she come
        1.0 any|anything|something|openings|slots .. free|available|open|left|going
        0.8 availability|available|opening|openings|slot|slots
        1.0 new|another appointment
        1.0 have|got|get anything|something|any
        0.8 due|overdue|time for|a|another
        1.0 i|we|he|she am|are|is due|overdue
        1.0 told|said|asked|reminded .. come|make|book back|again|another
        1.0 reminder|recall card|letter|message|email|text|notice
        1.0 checkups|check-ups|cleanings|fillings
        1.0 have|get|getting .. done|looked|checked|fixed|cleaned|seen|sorted
        0.6 put me|us down
        0.6 sort|take care
    """,
    "move": """
        0.6 later|earlier|instead|rather|until
        0.6 put .. off|back
        1.0 change|move|shift|shifted|push|pushed|switch|displace .. to|from
        1.2 another|different|new date|time|day|slot for|of my|our|his|her
        1.2 displace|displaced|prepone|relocate .. appointment|booking|visit|slot|date|it
        1.2 reschedule|rescheduled|rescheduling|rebook
        1.2 move|moving|moved|shift|shifted|push|pushed|change|postpone|switch|delay|swap|
            rearrange .. appointment|booking|visit|slot|date
        1.0 postpone|postponed|rearrange|readjust|reshuffle
        0.6 need|needs|has|have|must|should|ought to? go|be|come|happen to|on
        1.2 find|get|agree|fix|need|want .. another|different date|day|time
        1.2 find|get|agree me|us|on? a|another new|different|other|later|earlier|better date|time|day|slot
        1.0 appointment|booking|slot|visit .. does|do|will|would not suit|work|fit
        1.0 my|our|his|her appointments on|at
        -9 i|we|am|are am|are|be moving|relocating to|away|house|home|abroad|out|back
        1.0 move|moving|shift|push|switch|swap|delay|postpone|rearrange my|the|our|it|that
        1.0 move|moving|shift|push|bring .. back|forward|up|earlier|later|to
        0.6 different|another|other|later|earlier day|time|date|slot
        0.5 appointment|booking|slot
        0.6 move|change|shift
    """,
    "cancel": """
        1.3 cancel|cancelling|canceling|cancellation|cancelled|canceled
        1.3 call|calling|called .. off
        1.2 scrap|drop|remove|delete|scratch|erase|strike|cross|take .. appointment|booking|visit
        1.2 delete|erase it|mine
        1.2 get|getting rid
        1.2 get|getting out of my|our|the|his|her
        1.2 withdraw|revoke|undo .. appointment|booking|visit
        1.2 !not need|want it|that .. longer|more|anymore
        1.2 !not need|want .. appointment|visit .. any|anymore|longer|after
        1.2 !no longer need|want|require
        1.2 !not .. need|needing|want|wanting .. appointment|visit|booking
        1.0 take|strike .. me|us|name off .. list|schedule|books|calendar
        1.2 cross|take|strike|scratch|wipe|remove me|us|him|her|it|that|them out|off
        1.2 annul|annulled|annulling|void|undo
        1.2 give up|back|away my|the|our|his|her appointment|booking|slot|place
        1.2 release|free|freeing up? my|the|our|his|her up? appointment|booking|slot
        1.2 someone|somebody else .. have|take my|the|our appointment|slot|place
        1.2 give|let .. appointment|slot|place|booking .. someone|somebody|anyone|another|else
        1.2 else .. have|take .. my|our appointment|slot|place|booking
        1.2 mother|father|husband|wife|dad|mum|mom|grandmother|grandfather|he|she|sister|brother .. passed away
        1.2 mother|father|husband|wife|dad|mum|mom|grandmother|grandfather|he|she|sister|brother .. died
        1.2 !not expect|count me|us|him|her|on
        1.2 !not .. need|want|have .. come .. more|anymore|longer
        1.2 !appointment|booking|visit .. not need|want
    """,
    "cant_come": """
        1.0 !can|could|will|may not|unable|never .. make|come|attend|keep
        1.0 !not going|able .. make|come|attend|be|manage|keep
        1.0 unable to make|come|attend|keep
        1.0 nobody|none .. will|can|could .. come|be|make
        1.0 was|were supposed|meant|due|expected to come|be|see|have|attend
        1.0 something|things .. come|came|comes|coming up
        1.0 have|got|going to miss
        1.0 !can|will not be|get there
    """,
    "callback": """
        1.2 call|ring|phone|get me|us|him|her|them back
        1.2 some one call|ring|phone|contact me|us|him|her|them
        1.2 callback|callbacks
        1.2 ring|phone back
        1.2 call back
        1.2 leave|take|pass|give|send .. message|note
        1.2 give|gives me|us a? quick|short|little? call|ring|bell|shout
        1.2 be|get called|phoned|rung back
        1.2 ask|have|get|tell|need|want .. call|ring|phone|contact me|us
        1.2 get back to me|us|him|her|them
        1.2 get|be|keep in touch
        1.2 can|could|may|should|must|would she|he|they|you|someone|somebody? call|ring|phone me|us|him|her|them
        2.4 want|like|need|ask .. doctor|dentist|hygienist|someone|somebody|dr to call|ring|phone me|us
        1.2 call|ring|phone my|our .. back
        1.2 try|reach me|us again|later|at
        2.0 tell|inform|let .. dr|doctor|dentist|hygienist .. .. that|know
        1.2 someone|somebody|anyone|doctor|dentist|you .. call|calls|ring|rings|phone|phones|contact me|us
        1.2 missed|got|had a|your .. call
        1.2 leave .. number|details|word
        1.2 tell|inform|remind .. dr|doctor|him|her|them|dentist|hygienist .. that|i|my|about
        1.2 return|returning .. call
        1.0 running|run|be|am|arrive .. late
        1.0 late for
        1.0 prescription|referral|results
        0.8 message
    """,
    "human": """
        1.2 speak|speaking|talk|talking|chat to|with .. person|human|someone|somebody|anyone|anybody|people|
            receptionist|operator|staff|colleague|doctor|dentist|dr|manager|nurse|assistant|team|lady|woman|man|
            ladies|women|men|girls|guys|colleagues|flesh
        1.2 put|patch|connect|hand .. through|over
        1.2 get me|us|him|her through|over
        1.2 connect|transfer me|us
        1.2 real|actual|live|proper|human person|human|being|someone|people|receptionist|secretary
        1.2 is|are there .. a|any|no real|actual|human|live
        1.0 human|operator|representative|supervisor|agent
        1.2 speak|speaking|talk|talking|chat to|with some one|body
        1.2 speak|speaking|talk|talking|chat .. boss|owner|supervisor|agent|desk|else
        1.2 connect|transfer|put .. to|with .. desk|reception|person|human|someone|office
        1.2 complain|complaint
        1.2 !not .. machine|robot|computer|bot|machines|robots|computers|bots
        1.2 discuss|settle|clear .. with .. person|human|someone|somebody|staff|colleague|team|people|manager
        1.2 pass|hand|put|switch me|us over? to|on|onto
        1.2 who do|can|should|could|must i|we speak|talk|complain
        1.2 !not want|like|wish to .. to|with a|the|this? machine|robot|computer|bot
        1.0 hate .. machine|machines|robot|robots|computer|computers
        1.2 get|give me a? person|human|someone|somebody
        1.2 have|having a word|chat with
        1.2 someone|anyone|somebody|anybody|person|human .. talk|speak to|with
    """,
    "status": """
        1.2 when|what|which time|day|date? is|was my|our .. appointment
        1.2 when|what|which is|was|am .. my|our|next .. appointment
        1.2 forgot|forgotten|remember|remind|lost .. appointment
        1.2 confirm|check|checking|double-check .. have .. appointment
        1.2 do|did i have .. appointment
        1.2 confirm|check my|our .. appointment
        1.2 when|day|time .. i|we have|had .. my|our|next .. appointment
        1.2 am|are i|we .. booked|down|scheduled
        1.2 have|got me|us down|booked|in
        1.2 !when i am|was supposed|meant|due
    """,
    "hours": """
        1.2 opening|office|business|working|consulting|surgery|practice hours|times
        1.2 what|your|the|which hours
        1.2 is|will there be? someone|anyone|somebody|anybody .. in|there|around|office
        1.2 are|is|be|will you|practice|surgery|office|clinic|place|they|anyone|anybody|someone .. open|opened|
            closed|shut|there|in
        1.2 when|what|time .. open|close|closes|shut|opens|closing
        1.2 until when
        1.2 until|till|from which|what hour|time
        1.2 which hour|hours|time .. open|close
        1.2 how late|long|early .. open|there|come|close
        1.2 you open|closed|close
        1.0 still open
        1.0 open|closed|close|work .. now|today|tomorrow|weekend|weekends|saturday|saturdays|sunday|sundays|lunch|
            evenings|christmas
        1.0 a|the|your|for lunch break
        -6 when|once|moment|minute|as you open
        6 tell|know|ask|say|wondering .. when|what|if .. open
        -1.5 any|anything|something|slot|slots|appointment|appointments .. open|opened|in
    """,
    "price": """
        1.2 how much
        1.2 cost|costs|price|prices|pricing|charge|charges|fee|fees|expensive|rates|quote|cheap
        1.2 set|setting|put me|us|you|one back
        1.2 what .. pay
        1.0 francs|swiss .. for
    """,
    "services": """
        1.2 what|which .. services|treatments|procedures
        1.2 what|which kind|sort|kinds|things .. offer|do|have|provide|treat
        1.2 what .. offer|provide
        1.2 do|can|would you .. do|offer|provide|perform
        1.0 services|treatments
    """,
    "robot": """
        1.5 are you .. robot|machine|computer|human|person|bot|real|ai|recording|automated|alive|chatbot
        1.5 is this|it|that .. robot|machine|computer|human|bot|bots|ai|recording|automated|chatbot
        1.5 am i .. talking|speaking .. robot|machine|person|human|computer|bot|ai
        1.2 sound|sounds|talking|speaking like|to a robot|machine|computer|recording|bot
        1.2 who am i
        1.2 who|what is this
        1.2 who|what are you
        1.2 what is your name
        1.2 who .. speaking|talking|there
        1.2 have i|we .. reached|called
        1.2 is|have this|i .. right|correct|wrong number|place
    """,
    "repeat": """
        1.2 pardon
        1.2 say|repeat|tell|read .. again|once
        1.2 repeat
        1.2 what did you .. say|ask|mean
        1.2 what was|is that|the again|question
        1.2 what was that
        1.2 !not|never .. hear|catch|understand|get|follow .. you|that|it|what|a|one
        1.2 !not|never .. hear|catch|understand|follow
        1.2 come again
        1.2 once|one more .. please|time
        1.2 sorry what|again
        1.0 louder|slower|slowly
    """,
    "thanks": "1.0 thank|thanks|cheers|appreciate|grateful\n1.0 very|so kind|helpful",
    "bye": """
        1.2 bye|goodbye|byebye|ciao
        1.2 good bye
        1.2 see|speak|talk .. you|soon|then|later
        1.2 have|enjoy a|the|your .. day|evening|weekend|afternoon|one|morning
        1.2 take care
        1.2 hang up
    """,
    "done": """
        1.2 that is|was|will|would|be .. all|it|everything
        1.2 nothing else|more|further
        1.2 i am|think .. done|good|fine|set|sorted
        1.2 all good|set|done
        1.2 !not today|really|now
    """,
    "abort": """
        1.2 forget|scrap|leave|drop about? it|that|this|everything
        1.2 never|nevermind mind?
        1.2 !not bother
        1.2 changed|change my mind
        1.2 start over|again|afresh
        1.2 think about it
        1.2 !do not want .. anymore|longer|after
        1.2 stop
    """,
    "wait": """
        1.2 one|a|just|two moment|second|minute|sec|tick|seconds|minutes
        1.2 hold|hang on|the
        1.2 let me|us .. check|see|think|look|get|find|grab
        1.2 bear with
        1.0 wait
    """,
    "unsure": """
        1.2 !not know|sure|remember|recall|certain
        1.2 !no idea|clue
        1.2 forgot|forgotten
        1.0 unsure|depends|maybe|hm|hmm
    """,
    "any": """
        1.2 any time|day|of|one
        1.2 anytime|anyday|whenever|whatever|either|flexible|anything|both
        1.2 !not matter|mind|care|fussy|fussed
        1.2 !no preference|preferences
        1.2 up to you
        1.2 you|your choose|pick|decide|suggest|choice|suggestion
        1.2 what do|would|can you .. have|suggest|offer|recommend
        1.2 what|which|when .. available|free
        1.2 all the same
    """,
    "soonest": """
        1.2 as soon|quickly|early|fast as
        1.2 asap|soonest|earliest
        1.2 next|first|nearest|earliest available|free|possible|opening|slot|appointment
        1.2 right|straight away|now
        1.2 immediately|urgently
        1.0 soon|quickly
        1.2 first thing|slot|appointment
        1.2 very first slot|one|time|thing
        1.2 when|once|moment|minute you open
        1.2 opening time
    """,
    "earlier": "1.2 earlier|sooner",
    "later": "1.2 later",
    "other": """
        1.2 something|anything|what|some else
        1.2 another|other|different one|time|day|option|date|slot|times|days
        1.2 neither
        1.2 none of
        1.2 !no|not .. good|work|suit|works|suits|possible
    """,
    "first": "1.2 first|former\n1.2 earlier one",
    "second": "1.2 second|latter|last\n1.2 later one",
    "changed": """
        1.0 actually|instead|rather|correction
        1.0 make|change|switch it|that
        1.0 i meant|mean
        1.0 sorry
        1.0 wrong|mistake|incorrect
        1.0 could|can|would we|you|i .. rather|better
        1.0 better|prefer
        1.0 wait|hang
    """,
    "greeting": "1.0 hello|hi|hey|good|greetings morning|afternoon|evening|day?",
    "new_patient": """
        1.2 new patient|here|client|customer
        1.2 i|we|he|she am|are|is|be|would|will be? completely|totally|quite|brand|a? new
        1.2 new with|to|at you|your|yours
        1.2 never been|visited|come|seen|met|set|used|attended
        -9 never been so|on|more|able|happy|good|great|keen|fond|afraid|scared|late|ill|sick|told|this|that
        -9 first time i have|had|ever? had|got|lost|felt|broken|chipped|it|noticed
        -9 first time it|that|this|anything|something has|is|have? happened|hurt|broken|bled|fallen|come
        1.2 never .. been|visited|come|seen|set|used .. you|your|here|there|yours|practice
        1.2 never .. patient|client
        1.2 first|1st time|visit
        1.2 first|1st appointment with|at|here you?
        1.2 !not been|visited|come|seen .. before|yet|there|you
        1.2 !not a|registered patient|yet|with
        1.2 !not yet a? patient|registered|with|client
        1.2 !not .. registered|signed with|up|at|yet
        1.2 !you|she|he|they do|does|will|would not know me|us
        1.2 !you .. not .. have|find .. me|us|my|our .. yet|file|files|records|details|system|books|computer
        1.2 !not .. you .. have|find me|us|my|our .. yet|file|files|records|details|system|books|computer
        1.2 !not .. in|on your|the books|list|file|files|system|records|computer
        1.2 just|recently|newly moved
        -9 moved my|our|the|it|that|an|her|his|their|your
        1.2 have moved to|here|into|in|near
        1.2 !not have a|any|my dentist
        1.2 looking|searching|need .. new dentist|practice
        1.2 found you|your online|on|through|via
        1.2 you were|was|come|came .. recommended
        1.2 recommended you|your
    """,
    "known_patient": """
        1.2 been here|there|around .. before|already|years|times
        1.2 been .. patient|patients
        1.2 been|going|coming|come .. with|to|at you|your|yours .. before|already|years|ages|since|long|decades|times
        1.2 already|existing|regular|longtime|current|returning|established|old .. patient|customer|client
        1.2 i|we am|are|was|were|been a? regular|regulars
        1.2 i am a? patient|client|customer of|with|at|there|here|already
        1.2 one of your|the|dr|doctor patients|clients|customers|regulars
        1.2 patient|client|customer of yours|years
        1.2 come|coming|go|going .. to you since|anyway
        1.2 family|husband|wife|kids|children comes|come|go|goes|all .. you
        1.2 my usual|regular|own dentist|hygienist
        1.2 registered|patient with|of|at you|your|yours
        1.2 was|were|am|are with|at you in|last|since|for|before|already
        1.2 was|were|been .. at|in|to your practice|surgery|clinic|place|office .. ago|last|before|already|year|month
        1.2 i|we was|were in|there|here|round last|just|only .. month|year|week|spring|summer|autumn|winter
        1.2 i|we was|were in|there|here a|two|three|six|few .. ago
        1.2 last time i|we was|were|came|saw
        1.2 i|we came .. you .. last|in|before|year|month|ago
        1.2 last with|at you
        1.2 last .. with|at you was
        1.2 you should|will|must|probably|already|still? have|got|had|hold got? my|our|all .. file|files|records|
            record|details|data|notes|card|x-rays|chart
        1.2 have|got|find me|us .. in|on|among your|the|file|record .. books|system|file|files|records|list|computer?
        1.2 i|we|he|she|name|details .. in|on your system|books|file|files|records|list|computer|database
        1.2 i|we|he|she .. on|in the system|books|file
        1.2 i|we|he|she am|are|is|be on|in file|record
        1.2 you know|knows me|us
        1.2 you have|already seen|treated|met me|us|my|him|her
        1.2 you did|fitted|filled|pulled|placed|treated my|me|one|two
        1.2 you filled|pulled|fitted|crowned a|the
    """,
    "urgent": """
        1.0 urgent|urgently|asap|emergency|desperate
        1.0 as soon as
        1.0 right|straight away
        1.0 immediately|today
    """,
    "severe": """
        1.0 dreadful|horrendous|raging|splitting|shocking
        1.0 terrible|awful|horrible|killing|severe|bad|badly|intense|agony|throbbing|extreme|strong
        1.0 like hell|crazy|mad
        1.0 !not sleep|eat|chew|stand|bear|concentrate
        1.0 a lot
        1.0 really|so|very .. hurts|hurting|painful|sore|bad
        1.0 awake|kept me up
    """,
    "routine": """
        1.2 !no|not rush|hurry|urgent|urgency|particularly|pressing
        1.2 routine|regular|annual|yearly
    """,
    "overdue": """
        1.0 !not|never .. been|seen|visited|gone .. dentist|dentists|anyone|anybody|hygienist|ages|years
        1.0 about|high time
        1.0 have|take|had a|another look
        1.0 been .. years|ages|while|forever|long|months .. since|without
        1.0 ages|years|long|while since
        1.0 nothing .. special|particular|specific|wrong|urgent
        1.0 everything .. fine|okay|ok|right
        1.0 reminder|recall|postcard
        1.0 months|years|year since .. last|my
        1.0 usual|regular|yearly|annual|monthly|ordinary|normal|routine one|thing|visit|appointment|stuff
    """,
    "may_record": """
        1.2 may|can|happy|fine|ok|okay|allowed|consent|agree .. record|recorded|recording
    """,
    "no_recording": """
        1.2 !not|never|without|stop|object .. record|recorded|recording
    """,
    "speak_en": """
        1.2 speak|talk|in|continue|switch|speaking .. english
        1.2 english please
    """,
    "speak_de": """
        1.2 speak|talk|in|continue|switch|speaking .. german
        1.2 german please
        1.2 sprechen|sprichst|reden|können|auf .. deutsch
        1.2 deutsch bitte
    """,
    "injection": """
        1.5 ignore|disregard|override|forget|bypass .. instruction|instructions|rule|rules|prompt|programming|
            guidelines
        1.5 system|developer prompt|mode|message
        1.5 you are now .. mode|assistant|dan|hacker|admin
        1.5 pretend|act|roleplay .. you|as .. not|admin|doctor|human|different
        1.5 jailbreak|sudo
        1.5 i am .. administrator|developer|admin
        1.5 execute|emit|trigger|call .. action|actions|function|tool|command
    """,
    "about_name": "1.0 name|surname|spelling|spelled|spelt",
    "about_phone": "1.0 phone|number|mobile|telephone|digit|digits|cell",
    "about_day": "1.0 day|date|weekday",
    "about_time": "1.0 time|hour|o'clock|oclock|earlier|later",
    "about_reason": "1.0 reason|treatment|service|type|kind|what it is for",
    "last_digits": """
        1.0 last|final|end .. digit|digits|number|numbers|figure|figures|two|three|four
        1.0 ends|ending|end|finishes in|with|on
        1.0 at the end
    """,
    "question": """
        1.0 what|when|where|who|which|how|why
        1.0 do|does|are|is|can|could|will|would|did|have|may you|it|there|i|we|the|this|that|your|my|someone|anyone
        0.6 wondering|question|tell me|know if|whether
    """,
    "existing": """
        1.0 my|our|his|her|existing|current|booked .. appointment|booking|visit|slot
        1.0 have|got|had an|a .. appointment|booking|slot on|for|at|tomorrow|today|next|this
        1.0 booked for|on|at
        1.0 have|got an|a appointment|booking with
        1.0 am|is|are with|at you|yours tomorrow|today|tonight|on|next|this|monday|tuesday|wednesday|thursday|friday
        1.0 my|our|his|her cleaning|checkup|up|filling|crown|whitening|session|treatment is|was on|at|tomorrow|today|due
        1.0 is|am|are|was booked|down|expected|scheduled|pencilled with|in|for|on|at
        1.0 is|am|are|was due with|in|on|at
        1.0 !no longer|more suits|works|fits|possible|convenient
        1.0 !not .. work|suit|fit|possible|good .. any|anymore
        1.0 am|is|are supposed|meant|expected to come|be|see|have
        -1.0 do|can|could|may|might|to|you have|get|had
    """,
    "no_phone": "1.0 !not|never .. have|want|give|like|tell .. phone|number|mobile\n1.0 !no phone|mobile|number",
    "same_time": "1.0 same time|hour",
    "week_later": """
        1.2 a|one|by week later|further|after|on
        1.2 back|forward|out .. a|one week
        1.2 week later
    """,
    "week_earlier": "1.2 a|one week earlier|sooner|before",
    "day_later": "1.2 a|one|the day later|after\n1.2 back .. a|one day\n1.2 following|next day",
    "day_earlier": "1.2 a|one|the day earlier|before|sooner",
}
