"""The page's texts, Italian and English, and how numbers, days and moments are written in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services._runtime.access.roles import Role
from services._runtime.clock import ROME
from services.reporting.adapters.labels import label

Language = Literal["it", "en"]
LANGUAGES: tuple[Language, ...] = ("it", "en")

_MONTHS: Mapping[Language, tuple[str, ...]] = {
    "it": ("gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}

PROVINCES: Mapping[str, str] = {
    "BA": "Bari",
    "BG": "Bergamo",
    "BO": "Bologna",
    "BS": "Brescia",
    "BT": "Barletta-Andria-Trani",
    "CS": "Cosenza",
    "FE": "Ferrara",
    "FI": "Firenze",
    "GO": "Gorizia",
    "NA": "Napoli",
    "PR": "Parma",
    "TO": "Torino",
    "TS": "Trieste",
    "VI": "Vicenza",
}

ROLES: Mapping[Role, tuple[str, str]] = {
    Role.CASE_WORKER: ("operatrice o operatore", "case worker"),
    Role.TEAM_COORDINATOR: ("coordinamento dell'équipe", "team coordinator"),
    Role.CULTURAL_MEDIATOR: ("mediazione culturale", "cultural mediator"),
    Role.TUTOR_COORDINATOR: ("coordinamento dei tutor", "tutor coordinator"),
    Role.TUTOR: ("tutor territoriale per l'integrazione", "territorial tutor"),
    Role.BENEFICIARY: ("beneficiaria o beneficiario", "beneficiary"),
    Role.MUNICIPALITY: ("servizio sociale del Comune", "municipal social service"),
    Role.AUDITOR: ("revisione e controllo", "auditor"),
    Role.FUNDER_CONTROLLER: ("controllo dell'ente finanziatore", "funder's controller"),
    Role.REPORTING_CONSUMER: ("lettura dei dati", "reporting consumer"),
    Role.RESEARCHER: ("ricerca", "researcher"),
    Role.DATA_PROTECTION_OFFICER: ("responsabile della protezione dei dati", "data protection officer"),
    Role.LEAD_PARTNER: ("ente capofila", "lead partner"),
    Role.ADMINISTRATOR: ("amministrazione tecnica", "administrator"),
}

TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("Ancora 2.0 · Percorsi di inclusione", "Ancora 2.0 · Inclusion paths"),
    "tagline": (
        "Percorsi di inclusione per titolari di protezione internazionale",
        "Inclusion paths for people granted international protection",
    ),
    "skip": ("Vai al contenuto", "Skip to the content"),
    "languages": ("Lingua", "Language"),
    "sign-in": ("Entra", "Sign in"),
    "sign-out": ("Esci", "Sign out"),
    "signed-in-as": ("Accesso effettuato:", "Signed in:"),
    "sign-in-failed": (
        "L'accesso non è riuscito. Riprova dal pulsante «Entra».",
        "Signing in did not work. Try again with the button “Sign in”.",
    ),
    "no-figures": (
        "Il tuo ruolo non vede i dati di avanzamento: per vederli serve un altro ruolo.",
        "Your role does not see the figures: another role is needed for them.",
    ),
    "welcome": (
        "Quindici organizzazioni del Terzo settore, un istituto di ricerca e quattro Comuni accompagnano i titolari di protezione",
        "Fifteen Third-Sector organisations, a research institute and four municipalities stand beside people granted protection",
    ),
    "welcome-how": (
        "internazionale verso casa, lavoro e relazioni, con una metodologia comune e con i tutor territoriali per l'integrazione.",
        "on their way to housing, work and relations, with one shared methodology and with territorial tutors for integration.",
    ),
    "welcome-targets": (
        "Il programma si impegna per almeno {national} persone in tutta Italia, di cui almeno {parma} in provincia di Parma.",
        "The programme is committed to at least {national} people in all of Italy, of whom at least {parma} in the Province of Parma.",
    ),
    "welcome-sign-in": (
        "I dati di avanzamento sono riservati a chi lavora nel programma.",
        "The figures are for those who work in the programme.",
    ),
    "targets": ("Obiettivi", "Targets"),
    "target-national": ("In tutta Italia", "In the whole of Italy"),
    "target-parma": ("Di cui in provincia di Parma", "Of whom in the Province of Parma"),
    "of": ("su almeno {number}", "of at least {number}"),
    "counted": ("persone titolari di protezione internazionale ammesse", "people granted international protection admitted"),
    "reached": ("Obiettivo raggiunto", "Target reached"),
    "missing": ("Ne mancano {number}", "{number} to go"),
    "share": ("{number} %", "{number}%"),
    "progress": ("{counted} persone su almeno {target}: {percent} %", "{counted} people of at least {target}: {percent}%"),
    "territories": ("Territori", "Territories"),
    "territories-note": (
        "Il programma comprende {provinces} province in {regions} regioni: {known} sono note dalle sedi dei partner.",
        "The programme covers {provinces} provinces in {regions} regions: {known} are known from the partners' seats.",
    ),
    "map": (
        "Persone ammesse per provincia; gli stessi numeri sono nella tabella",
        "People admitted by province; the table has the same numbers",
    ),
    "region": ("Regione", "Region"),
    "province": ("Provincia", "Province"),
    "seats": ("Sedi dei partner", "Partners' seats"),
    "seat-counted": ("Persone ammesse con protezione internazionale", "People admitted with international protection"),
    "seat-others": ("Altre ammissioni", "Other admissions"),
    "total": ("Totale", "Total"),
    "other-territory": ("Altro territorio", "Other territory"),
    "activity": ("Attività recente", "Latest activity"),
    "activity-note": (
        "Che cosa è stato registrato e dove; mai su chi.",
        "What was recorded and where; never about whom.",
    ),
    "nothing": ("Ancora nulla è stato registrato.", "Nothing has been recorded yet."),
    "when": ("Registrato", "Recorded"),
    "what": ("Che cosa", "What"),
    "where": ("Dove", "Where"),
    "who": ("Organizzazione", "Organisation"),
    "position": ("Posizione {number} del giornale", "Position {number} of the journal"),
    "level": ("tutti i fatti registrati sono compresi", "every recorded fact is included"),
    "lag": ("{number} fatti sono in arrivo", "{number} facts are on their way"),
    "stopped": ("Una lettura è ferma: avvisare l'assistenza", "A read model has stopped: tell the operators"),
    "live": ("In diretta", "Live"),
    "reconnecting": ("Collegamento interrotto, si riprova", "Connection lost, trying again"),
    "reload": ("Ricarica la pagina per aggiornare i dati", "Reload the page for newer figures"),
    "demo": (
        "I dati mostrati sono quelli di questa installazione. Nessun dato personale compare in questa pagina.",
        "The figures are those of this installation. No personal data appears on this page.",
    ),
    "funder": ("Finanziato da {name}", "Funded by {name}"),
    "api": ("Descrizione delle API", "API description"),
}
"""Text's name → (Italian, English)."""


@dataclass(frozen=True, slots=True)
class Words:
    """The texts in one language."""

    language: Language

    def __call__(self, name: str, /, **values: object) -> str:
        """Return a text, numbers in it written as the language does."""
        text = TEXTS[name][LANGUAGES.index(self.language)]
        return text.format(**{key: self.number(value) if isinstance(value, int) else value for key, value in values.items()})

    def number(self, value: int) -> str:
        """Return a whole number with the language's separator of thousands."""
        grouped = f"{value:,}"
        return grouped.replace(",", ".") if self.language == "it" else grouped

    def moment(self, moment: datetime) -> str:
        """Return a moment as the clocks in Rome show it."""
        local = moment.astimezone(ROME)
        return f"{self.day(local.date())}, {local:%H:%M}"

    def day(self, day: date) -> str:
        """Return a day."""
        return f"{day.day} {_MONTHS[self.language][day.month - 1]} {day.year}"

    def role(self, role: Role) -> str:
        """Return what a caller's role is called."""
        return ROLES[role][LANGUAGES.index(self.language)]

    def event(self, type_name: str) -> str:
        """Return what a type of event is called."""
        return label(type_name)[self.language]

    def province(self, code: str) -> str:
        """Return a province's name, or its code where the name is not known."""
        return PROVINCES.get(code, code) or self("other-territory")


def preferred(accept_language: str) -> Language:
    """Return the language a browser asks for first among ours; Italian where it asks for neither."""
    wanted: list[tuple[float, str]] = []
    for part in accept_language.split(","):
        tag, _, weight = part.partition(";q=")
        try:
            wanted.append((-float(weight or 1), tag.strip().lower()[:2]))
        except ValueError:
            continue
    ours = [tag for _, tag in sorted(wanted, key=lambda one: one[0]) if tag in LANGUAGES]
    return "en" if ours and ours[0] == "en" else "it"
