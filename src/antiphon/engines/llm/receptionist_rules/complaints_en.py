"""English cues for complaints, emergencies and insurers; see `cues` for how a line is read."""

EMERGENCIES = {
    "breathing": """
        !not|hardly|barely|cannot .. breathe|breath|breathing|swallow
        trouble|difficulty|difficulties|hard|problems|struggling|problem .. breathing|breathe|swallowing|swallow
        short of breath
        choking|suffocating|suffocate
        throat .. swelling|swollen|closing
    """,
    "unconscious": """
        unconscious|fainted|collapsed|unresponsive|seizure
        passed|passing|blacked out
        heart attack
        chest pain|pains|hurts
        pain|pains .. chest
        allergic reaction|shock
        anaphyla*
    """,
    "bleeding": """
        !bleed|bleeding|blood .. not stop|stopping|stopped
        !not stop|stopping .. bleeding|blood|bleed
        !will|does|can|would|did not .. stop .. bleeding|bleed
        !blood .. .. not stop|stopping|stopped
        !bleeding|blood .. not let|letting|ease|easing|slow|slowing|cease|clot|clotting
        bleeding|bleeds|bleed .. heavily|badly|severely|profusely|hours
        bleeding|blood .. soaked|soaking|drenched
        mouth .. fills|filling up|with
        bleeding|bleeds|bleed heavily|badly|severely|profusely|nonstop|constantly|everywhere|continuously
        bleeding|bleed a|so lot|much
        bleeding like
        heavy|severe|heavily|serious|massive|badly|strong|lot|lots|profuse .. bleeding|blood
        blood everywhere|pouring|gushing|all
        losing .. blood
        mouth|face .. full|covered .. blood
    """,
    "tooth_out": """
        knocked|punched|kicked|hit .. tooth|teeth .. out?
        tooth|teeth .. knocked|punched|kicked out?
        tooth|teeth fell|fallen|fall|came|come out
        tooth|teeth .. come|came|fell|fallen|flew right|clean|straight|completely out
        tooth|teeth just|has|have|is|completely fell|fallen|come|came out
        lost a|my|his|her .. front? tooth .. accident|fall|fell|playing|hit
        tooth .. in my|his|her hand
        lost a|two|three|my|his|her front? tooth|teeth
        hit|struck|smashed|elbowed|kicked|punched .. .. tooth|teeth .. gone|out|missing|loose
        -9 crown|filling|cap|bridge|veneer|brace|bracket|baby|milk
    """,
    "swelling": """
        face|cheek|jaw|tongue|eye|neck|lip|mouth .. swollen|swelling|swelled|swells|puffy|puffed|ballooned
        swollen|swelling .. face|cheek|jaw|tongue|eye|neck|lip|throat
        badly|very|massively|really|so swollen
        big|large|huge|massive|bad|severe|growing swelling
        face|cheek|jaw|tongue|lip|neck .. doubled|double|twice|huge|balloon|enormous
        swelling .. getting|growing|spreading|worse|fever|bigger
        swelling|swollen .. fever|temperature
        fever|temperature .. swelling|swollen|abscess
    """,
    "accident": """
        had|was|been|after|in|there|bad .. accident
        accident .. tooth|teeth|mouth|face|jaw|hurt|injured|bike|car
        fell|fallen|crashed|hit .. face|mouth|teeth|chin|jaw
        broke|broken|fractured|dislocated .. jaw
        jaw is|may|might|could|feels|looks|must be? broken|fractured|dislocated|locked
        !not close|shut|move my|his|her mouth|jaw
        -9 !not close|shut|move my|his|her mouth|jaw properly
        hit|punched|kicked in|on .. face|mouth|teeth|jaw
    """,
    "pain": """
        unbearable|unbearably|excruciating|intolerable|agonising|agonizing
        !not|hardly|barely .. bear|stand|tolerate .. pain|it|anymore|this
        !not|hardly|barely .. take|handle .. pain
        worst pain
        pain .. worst|unbearable|killing me|extreme
        in agony
        pain|hurts|it .. so|too much|bad|badly|strong|severe .. not
        pain .. too much
        ten|10 out of ten|10
        dying .. pain
    """,
    "other": """
        this|it is .. an? emergency
        have|got .. an? emergency
        is an emergency
        medical|dental|absolute|real emergency
        need .. ambulance
        -9 emergency appointment|number|service
    """,
}

SYMPTOMS = {
    "toothache": """
        toothache|toothaches
        bad|terrible|awful|horrible|nasty|dreadful|severe|raging|fierce|slight to|too|two fact|vac|thack|that
        tooth|teeth|molar|molars ache|aches|aching|hurts|hurt|hurting|pain|pains|sore|throbbing|throbs|kills|killing
        tooth|teeth|molar .. ache|aches|aching|hurts|hurt|hurting|pain|painful|sore|throbbing|throbs|killing
        hurts|hurt|hurting|aching|throbbing|sore|pain|ache .. tooth|teeth|molar|mouth|jaw|gum|bite|chew|eat
        pain|pains|painful|hurts|hurting|throbbing|aching
        dull|nagging|constant|bad|slight|sharp|nasty|terrible|awful ache
        it|tooth|feels|gets is|really|very|quite|so|pretty|rather? sore
    """,
    "sensitivity": """
        sensitive|sensitivity
        hurts|pain|zing|twinge .. cold|hot|sweet|ice
        hurt|hurting|ache|aching|painful|sore|jump|wince|sting|stings .. cold|hot|sweet|sweets|ice
        eat|drink|bite|stand|bear .. hot|cold|sweet|sweets|ice
        !not .. eat|drink|bite|stand|bear .. hot|cold|sweet|sweets|ice
        cold|hot|sweet|sweets|ice .. goes|go|shoots through|right|straight
        pain|pains from|with .. hot|cold|sweet|sweets|ice
        cold|hot|sweet|sweets|ice .. makes|make|hurt|hurts|sting|stings|painful|zings|bothers|sets
    """,
    "bleeding_gums": """
        gum|gums .. bleed|bleeding|bleeds|blood
        bleeding|bleed .. gum|gums|brush|floss
    """,
    "bleeding": "bleeding|bleeds\n!not stop|stopping .. bleeding|bleed\n!bleeding|blood|bleed .. not stop|stopping",
    "swelling": "swollen|swelling|puffy",
    "broken_tooth": """
        broken|chipped|cracked|broke|chip|crack .. tooth|teeth|molar|incisor
        tooth|teeth|molar .. broken|chipped|cracked|broke|snapped|split|chip|crack|came|come|off
        piece|bit|chunk|part|corner|half missing|gone|broken .. tooth|teeth|molar
        piece|bit|chunk|part|corner|half of|off .. tooth|teeth|molar
    """,
    "lost_filling": """
        filling .. out|lost|loose|fell|fallen|missing|gone|off
        lost|loose|missing .. filling
    """,
    "lost_crown": """
        crown|bridge|cap .. out|off|lost|loose|fell|fallen|missing|came
        lost|loose|missing|swallowed .. crown|cap|bridge
    """,
    "loose_tooth": "loose|wobbly tooth|teeth\ntooth|teeth .. loose|wobbly|wobbling",
    "abscess": "abscess|pus\npus",
    "fever": "fever|feverish\nhigh temperature",
    "knocked_out_tooth": "tooth|teeth .. knocked out?\nknocked .. tooth|teeth out?",
    "jaw_pain": "jaw .. hurts|pain|painful|aches|hurting|sore|clicking|locked",
    "bad_breath": "bad|smelly breath",
    "chest_pain": """
        chest|heart pain|pains|hurts|hurting|ache|aches|attack
        chest|heart .. hurts|hurting|aches|tight|tightness|pain
        pain|pains|hurts|pressure|tightness|tight .. chest|heart
    """,
    "numbness": """
        !not|cannot|hardly|barely feel|move .. arm|arms|leg|legs|hand|hands|face|side|fingers
        arm|arms|leg|legs|hand|hands|face|side|fingers .. numb|tingling|tingles|paralysed|paralyzed
        numb|tingling .. arm|arms|leg|legs|hand|hands|side|fingers
    """,
}

INSURERS = {
    "Helsana": "helsana", "CSS": "css", "Swica": "swica", "Sanitas": "sanitas", "Concordia": "concordia",
    "Visana": "visana", "KPT": "kpt", "Assura": "assura", "Groupe Mutuel": "groupe|group mutuel", "Atupri": "atupri",
    "Sympany": "sympany", "ÖKK": "oekk", "Suva": "suva", "AXA": "axa", "Allianz": "allianz", "Bupa": "bupa",
    "Cigna": "cigna", "Delta Dental": "delta dental", "EGK": "egk",
}  # fmt: skip
