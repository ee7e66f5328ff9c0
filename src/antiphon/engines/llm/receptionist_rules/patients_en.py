"""English cues for whether the patient has been to the practice; see `cues` for how a line is read.

In these tables "you" is every way to name the practice: "your surgery", "yours", "Dr. Weber" (see `patients`).
"""

_PART = "i|we|he|she|they"
_WHOM = "me|us|my|our|him|her|his"
_WORK = (
    "filling|fillings|crown|crowns|cap|implant|implants|cleaning|cleanings|clean|scale|polish|checkup|check|canal|"
    "extraction|bridge|ray|veneer|veneers|whitening|braces|brace|denture|dentures|x-ray|xray|rays|treatment|treatments|"
    "tooth|teeth|molar|retainer|work|operation|surgery|consultation|hygiene"
)
_SPELL = (
    "ages|years|months|weeks|decades|forever|a|an|quite|some|two|three|four|five|six|seven|eight|ten|over|more|about|"
    "around|almost|nearly|well|the|several|many|so|donkey's|long|yonks"
)

KNOWN = f"""
    been|was|were treated|seen|fitted|operated|cleaned|checked|examined|done|made|filled|pulled|removed|looked .. by|
        with|at you
    had .. done|cleaned|made|fitted|filled|pulled|placed|removed|taken|whitened|checked|fixed|replaced|seen .. by|
        with|from|at|in you
    had .. out by|with|from|at|in you
    had .. {_WORK} by|with|from|at you
    {_WORK} i|we got|had by|with|from|at you
    {_WORK} that|which? was|were|is done|made|fitted|placed by|with|at you
    my|our|his|her last|previous|latest|most .. with|at|to|by|from you
    my|our|his|her usual|six|three|regular|annual|yearly|monthly|half .. with|at you
    last visit|visited|time .. to|with|at|you you?
    last time you
    last time i|we .. you|in|here|there
    you told|said|mentioned|advised|recommended|suggested|warned|found .. last time|visit|year|month|appointment
    you fixed|repaired|extracted|removed|filled|treated|cleaned|fitted|pulled|crowned|whitened|replaced|
        examined .. {_WHOM}|a|the|this|one|two|that|all
    you did|made|put|took|gave|placed|checked|glued|cemented|started in|out|back|me|us? a|an|the|my|our|his|her|some|
        two|one|three|both? root|wisdom|front|back|new|temporary|broken? {_WORK}
    {_WORK} that|which? you gave|made|did|put|fitted|placed|glued|cemented|filled|replaced|fixed|started|began
    you have|has|is|had been? always? been? looked|looking|treated|treating|seen|seeing|cared|caring|taken|taking|
        doing|done|fixed|made|cleaned|filled .. {_WHOM}
    you looked|cared|took after|for|care {_WHOM}|of
    you have|has|is|are|was|were been? always? my|our|his|her .. dentist|dentists|hygienist|doctor|practice
    my|our|his|her dentist|hygienist|doctor is|was|has|have? been? always? you
    {_PART} usually|normally|always|regularly|generally|typically|mostly|often|only|ordinarily see|sees|visit|have|go|
        goes|come|comes .. you|here|there
    {_PART} saw|visited|met you
    {_PART} last|recently|already|once|first saw|visited|met|came|seen you|to|in
    {_PART} have|has|had already|often|once|only|also|been? seen|visited|attended|consulted you
    {_PART} have|has|is seen|visited|attended|consulted you
    {_PART} came|went in|over|round|back? to you
    been|was|were|came|went in|over|round? to see you
    come|coming|comes|go|going|goes to you every|twice|once|regularly|since|all|already|ages|years|now
    come|coming|comes|go|going|goes to you for years|ages|decades|long|over|more|almost|nearly|many|several|about|
        around|two|three|four|five|six|ten|twenty|fifteen|most
    come|coming|comes|go|going|goes to you for a|quite|some while|long|few|couple|good|decade|time|bit|year
    {_PART} am|are|is|was|were under|with you
    have|has|is been under|with you
    been coming|going .. you|here
    been seeing|visiting|using|under you
    gone to you
    {_PART} go|goes to you
    {_PART} was|were at you
    {_PART} came in for|last
    been once|twice|often before
    with|at you since
    have|has already|only|just? had .. with|at|from|by you
    was|were last there|here|seen|treated
    was|were last in about|a|around|over|two|for|on|last
    {_PART} was|were there|here for|in|at|with|last
    popped|dropped in|by|round last|a|in|two|three
    my|our records|record|file|files|notes|x-rays|chart|details is|are with|at|in you
    been in once|before|already|last
    see|visit you every|twice|regularly|since|each
    sees|visits you
    since|for .. i|we come|go|visit to? you
    one of you is? patients|clients|customers|regulars
    {_PART} am|are|is|was|been .. .. your patient|patients|client|clients|customer
    you know|knows {_WHOM}|how
    have|has|got a|my? file|record|records|chart|card|account with|at|in you
    was|were|been|am already? patient|client|customer? by you
    you have|has had {_WHOM} as|for|since|in
    already on|in your|the? file|books|system|list|records
    come|coming|comes|go|going to you .. .. years|ages|decades
    under you for|since
    patient|patients|client|customer|regular of|with|at you
    {_PART} have|has|been|am|are|is|was a|an .. patient|client|customer|regular since|for|already|here|there
    been a .. patient|client|customer|regular
    been patients|clients|customers|regulars
    long|longterm|longstanding|longtime standing|time|term? patient|client|customer
    you sent|posted|mailed|emailed|texted|wrote {_WHOM}
    reminder|recall|card|postcard|letter|text from you
    your reminder|recall|postcard
    already registered|enrolled
    {_PART} am|are|is|was|have|has|got already? registered|enrolled with|at you
    {_PART} registered|enrolled|joined|signed up? with|at|to? you .. last|ago|year|month|in|back
    used to come|go|be|see|visit|bring .. you|here|there
    been here|there .. times|before|already|ago
    been here|there|before|already
    family|wife|husband|children|kids and i|me .. come|go|are|with|patients .. you
    been with|to|at you
    you have|has treated|seen|met|done|known {_WHOM}
    returning|former|old|past|previous patient|client|customer
    !is|was|would|be not my|our|his|her|their actually|quite|exactly|very? first|1st visit|time|appointment|treatment
    !am|are|is not a|an? new patient|patients|here|client|customer
    !am|are|is not new to|with|at you
    coming|come back to you for
    !no stranger to|at you
    -9 saw|seen|found you .. online|google|internet|instagram|facebook|website|advertised|sign
    -9 with you in|on a|the minute|moment|second|line|phone
"""
"""Has been treated there, or is on its books."""

LAPSED = f"""
    !not|never .. been|come|seen|visited|attended|in .. you|here|there since|lately|recently
    !not|never .. been|come|seen|visited|attended|in .. you|here|there for|in {_SPELL}
    !not|never .. had .. with|at|from|by you since
    !not|never .. had .. with|at|from|by you for|in {_SPELL}
    !not|never been|come in since|lately|recently
    !not|never been|come in for|in {_SPELL}
    !you have|has|is not seen|treated|had|checked .. since|lately|recently
    !you have|has|is not seen|treated|had|checked {_WHOM} .. for|in {_SPELL}
    since i|we|he|she last? was|were|saw|came|visited|have|been .. you|here|there
    -9 you|here|there|in|been for|in a|the|an? check|checkup|cleaning|filling|appointment|past
"""
"""Has not been there for long, and so has been there once."""

NEW = f"""
    !you have|has|is|are|were not|never|yet .. treated|seen|met|examined|looked|had {_WHOM}|before
    !you have|has never|not ever? treated|seen|met|examined
    !you do|does|will|would|did not know {_WHOM}
    !not think|believe i|we|you|they have|has|had .. met|been|visited|treated|seen
    !not had the pleasure
    !not|never had .. with|at|from|by you
    !not been to|with|at|by|in you
    !not visited you
    !not yet been|visited|come|seen|met|used
    !not know you
    !not known to|at|by you
    unknown to you
    newcomer|newcomers
    !not with|by|at you yet|before|until|so
    !was|were|have|has not|never been? by|with|at|to|in|inside you
    !not registered anywhere|elsewhere|nowhere
    take|taken|taking|accept|accepted me|us|him|her? on? as a|your? new? patient|patients
    !none|neither|nobody of? us|them .. been|visited|come .. you|here|there
    would|will be new
    he|she|daughter|son|husband|wife|partner|mother|father|mum|dad is|would|will be? new
    new by you
    !nobody|none|one|noone .. seen|treated|met|knows {_WHOM}
    !i|we have? not|never yet|ever? met
    !not|never met before|you
    !not|never been|visited|come|seen|used|tried|attended .. you before|yet|until|till|so
    !never been|visited|come|seen|used|tried|attended .. you
    !not .. any|a|my|our file|files|record|records|notes|details for|of|on|about|yet|with|at
    !not .. find me|us|him|her .. your|the|books|system|file|records|computer|list|database
    !not one of you|your patients|clients|customers?
    !not one of your patients|clients|customers
    !not|never yet? on|in your list|books|system|records|files|database|register
    become|becoming one|a .. patients|clients
    become|becoming a? new? patient|patients|client|customer
    like|want|wanted|love|hoping|hope|wish|looking|possible|can|could to? i|we? be a|your? .. patient|client
    to|and|i join|joining|enrol|enroll .. you
    like|want|wanted|love|hoping|hope|wish|looking|need|trying|can|could|possible|how i|we|to? to? register|enrol|
        enroll|sign .. with|at|up|as|on|you
    registering|enrolling|joining you
    registering|enrolling|joining|registration .. with|at|for you|new|patient
    switch|switching|change|changing|transfer|transferring|moving over? to you
    switch|switching|change|changing|changed|switched my|our|from? dentist|dentists|practice|practices|surgeries
    transfer|transferring .. records|files|file .. you
    my|our|his|her|a very? first|1st .. with|at|to|in you
    first|1st time i|we|he|she|they .. you|here|there|calling|call|ring
    first|1st timer|timers
    first|1st time caller|patient|calling|visitor|client
    yet|still to|haven't? visit|come|see|be|meet|been .. you|here|there
    {_PART} am|are|is|be|would completely|fairly|quite|pretty|rather|relatively|very|still|all|both? new in|to|around|
        at|round|here|with|patients?
"""
"""Has never been there."""

LIKELY_NEW = """
    i|we|family just|have|has? just|recently|only|both|all? moved|relocated to|here|into|near|nearby|over|from
    just|recently|newly|only arrived|settled in|here
    !not|no|without have|got|find|found? a|any|my|our|own? regular|local|permanent|family|proper|own? dentist|dentists
    -9 dentist|dentists appointment|visit
    between dentists
    recommended|recommends it|them
    just|recently|newly|only come to
    recommended|referred to you
    good|great|nice|positive|excellent things|reviews|words|ratings about|of|on|from? you
    come|coming|moving|transferring|changing|switching .. from another|different .. dentist|practice
    gave|given|passed|sent|texted|told|showed me|us your|you name|number|details|card|address
    your|you number|name|details was|were|is given|passed|recommended
    speaks|speak|spoke|raves|raved|praises highly|well|warmly? of|about you
    looking|searching|hunting|shopping|need|after|find|seeking|want|try for|of|out? a|another|some|any? new|local|good|
        permanent|regular|nearby|family dentist|dentists|practice|surgery
    looking|searching|hunting|shopping for a|another|some|any? dentist|dentists|practice|surgery
    in need of a? dentist|practice
    my|our|his|her old|previous|former|last|ex dentist|practice|surgery|clinic
    my|our|his|her dentist|practice|surgery .. retired|retiring|retires|closed|closing|closes|died|left|shut|gone
    been|was|were|went|going|come|coming|patient with|to|at|of another|different|other|a|an other|different? dentist|
        dentists|practice|surgery|clinic before|until|till|up|so|elsewhere|previously
    been|was|were|went|going|patient with|to|at|of a|an? another|different|other dentist|dentists|practice|surgery|
        clinic
    told|telling me|us about|of you
    you been|were|was|come|came|are highly|warmly? recommended by|to|from
    you have|has|is been highly|warmly? recommended to|by
    recommended|suggested|mentioned you|your
    recommends you|your
    referred|sent me|us|him|her to|over you|your
    was|were|been|got referred|sent .. to you
    heard .. good|great|nice|wonderful|things .. you
    heard about|of you
    your|you number|name|address|contact|details from|off|through|via|on a|my|our|the|google|internet|online
    found|saw|googled|discovered|spotted|came you|your|across .. online|internet|google|web|maps|website|reviews|app
    saw|found|read|seen your website|reviews|advert|ad|sign|page
    i|we am|are|is a? tourist|tourists
    tourist|tourists|visitor here|in
    on holiday|vacation|holidays|business here
    just|only visiting|passing .. here|in|through|zurich|switzerland|city|town|area
"""
"""Tells of a new patient, unless the caller says that they are known."""
