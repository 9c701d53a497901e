"""Codes of the shared methodology that the stories speak in, and the few Italian words around them; a test holds them to its versions."""

from __future__ import annotations

PROGRAMME = "ancora-2.0"
CONTINUITY = "ancora-continuity"
SITUATIONS = {
    "housing": ("hosted", "supported-housing", "shared-rent", "own-lease"),
    "work": ("seeking", "in-training", "traineeship", "fixed-term", "permanent"),
    "income": ("none", "public-support", "occasional", "regular-insufficient", "regular-sufficient"),
    "language": ("pre-a1", "a1", "a2", "b1", "b2"),
    "schooling": ("none", "primary", "lower-secondary", "vocational", "upper-secondary"),
}
"""Of each area the values that the stories climb, from least to most settled."""
AREAS = {
    "housing": ("housing", "stability", "rights"),
    "socio-economic": ("work", "education", "language", "digital"),
    "socio-relational": ("health", "safety", "bonds", "bridges", "links", "leisure", "culture"),
}
GOALS = {
    "housing": "Trovare una casa in affitto con contratto regolare",
    "stability": "Mantenere l'alloggio e pagare regolarmente l'affitto",
    "rights": "Ottenere la residenza e rinnovare i documenti",
    "work": "Trovare un lavoro con contratto",
    "education": "Concludere un corso professionale",
    "language": "Migliorare l'italiano di un livello",
    "digital": "Usare da soli i servizi in rete",
    "health": "Scegliere il medico e seguire le cure",
    "safety": "Avere una persona di fiducia a cui rivolgersi",
    "bonds": "Ritrovare un gruppo di pari",
    "bridges": "Conoscere i vicini e il quartiere",
    "links": "Andare da soli agli uffici",
    "leisure": "Entrare in un'associazione o in una squadra",
    "culture": "Partecipare alle attività della città",
}
ACTIONS = (
    "Fissare un appuntamento allo sportello",
    "Preparare i documenti necessari",
    "Iscriversi e frequentare con regolarità",
    "Cercare annunci e chiamare insieme",
    "Accompagnamento al primo incontro",
    "Verificare insieme dopo un mese",
)
MILESTONES = {
    "housing": ("accommodation-found", "lease-in-own-name", "civil-registration", "stable-six-months"),
    "socio-economic": (
        "italian-a1",
        "italian-a2",
        "italian-b1",
        "qualification-recognised",
        "course-completed",
        "traineeship",
        "employment-contract",
        "bank-account",
        "driving-licence",
    ),
    "socio-relational": (
        "association-joined",
        "volunteering",
        "general-practitioner-chosen",
        "care-followed",
        "safe-contact-named",
        "digital-identity-obtained",
        "school-participation",
        "peer-group",
    ),
}
NEW_MILESTONES = {"1.1": ("online-procedure-completed",)}
"""Milestones that a later version of the methodology has beside those."""
CHILD_MILESTONES = ("italian-a1", "italian-a2", "association-joined", "general-practitioner-chosen", "school-participation", "peer-group")
TIES = {
    "bond": ("family", "friend-same-origin", "housemate", "community-group"),
    "bridge": ("neighbour", "friend-other-origin", "colleague", "tutor-or-volunteer", "club-or-team", "school-parents"),
    "link": ("employer", "school-or-training", "employment-service", "public-office", "bank-or-post", "advice-service"),
}
SERVICES = {
    "language-course": 5,
    "job-guidance": 4,
    "legal-advice": 3,
    "housing-search": 3,
    "accompaniment-to-offices": 3,
    "vocational-training": 2,
    "civic-orientation": 2,
    "cultural-mediation": 2,
    "health-accompaniment": 2,
    "psychological-support": 1,
    "protection-advice": 1,
    "digital-training": 1,
    "group-activity": 1,
    "tenancy-mediation": 1,
    "recognition-support": 1,
}
SUPPORT = {
    "rent-deposit": (60_000, 120_000),
    "rent": (30_000, 60_000),
    "utilities": (5_000, 20_000),
    "furniture": (15_000, 50_000),
    "course-fee": (10_000, 40_000),
    "traineeship-allowance": (40_000, 60_000),
    "transport": (3_000, 12_000),
    "work-tools": (5_000, 20_000),
    "driving-school": (30_000, 70_000),
    "document-fees": (4_000, 10_000),
}
"""Kinds of material support and their usual span, in euro cents."""
BUDGET_LINES = ("autonomy-support", "housing-support", "training-support")
NOTES = (
    "Colloquio di aggiornamento: prosegue come concordato.",
    "Ha chiesto di spostare l'appuntamento.",
    "Telefonata per confermare i documenti da portare.",
    "Si valuta insieme all'équipe come proseguire.",
)
