"""Texts written by clinicians, in French: notes of contacts, questions, summaries, reasons."""

from dashboard.vocabulary import AnswerOutcome, CareKind, RecommendationKind

CONTACT_NOTES: dict[str, tuple[str, ...]] = {
    "well": (
        "Va bien, projets repris. Plan de prévention de la rechute relu.",
        "Humeur stable, sommeil correct. Reste vigilant sur les ruminations.",
        "Reprise du travail sans difficulté. Espacement des appels convenu.",
        "Se dit « comme avant ». Signes d'alerte revus ensemble.",
        "Bonne semaine, sport repris deux fois. Pas d'effet indésirable.",
    ),
    "better": (
        "Amélioration ressentie, sort de nouveau. Sommeil encore fragile.",
        "Activités planifiées faites à moitié, satisfaction notée.",
        "Moins de ruminations, appétit revenu. Traitement pris tous les jours.",
        "Plus d'énergie le matin. Objectif : deux marches par semaine.",
        "L'entourage remarque un mieux. Exercices de respiration poursuivis.",
        "Anxiété moindre dans les transports, exposition à poursuivre.",
    ),
    "same": (
        "Peu de changement. Fatigue au premier plan, reste à la maison.",
        "Ruminations le soir, endormissement vers 2 h. Hygiène du sommeil reprise.",
        "Situation au travail inchangée, arrêt prolongé par le médecin traitant.",
        "Observance correcte. Difficulté à se fixer des activités.",
        "Entretien de soutien, résolution de problèmes sur les démarches administratives.",
        "Oublie le traitement environ deux fois par semaine, pilulier proposé.",
    ),
    "worse": (
        "Semaine difficile après un conflit familial. Pleurs, isolement.",
        "Sommeil très dégradé, ne sort plus. Rappel prévu sous 48 h.",
        "Anxiété majorée, deux crises cette semaine. Techniques d'ancrage revues.",
        "A arrêté le traitement de sa propre initiative. À discuter en revue.",
        "Perte d'appétit, découragement. Question posée au psychiatre.",
    ),
    "first": (
        "Premier contact, programme expliqué, consentement recueilli.",
        "Prise de contact, attentes et objectifs notés.",
        "Évaluation initiale, entourage présent en fin d'entretien.",
    ),
    "unmeasured": (
        "Appel de suivi, pas de questionnaire ce jour.",
        "Point rapide sur le traitement et le sommeil.",
        "Psychoéducation sur la dépression et l'anxiété.",
    ),
    "missed": (
        "Absence non excusée, message laissé.",
        "N'a pas répondu, nouvel appel prévu cette semaine.",
        "Rendez-vous annulé le jour même, garde d'enfant.",
        "Messagerie pleine, courrier envoyé.",
        "S'est excusé, reporté.",
    ),
}

QUESTIONS: dict[str, tuple[str, ...]] = {
    "new": (
        "Première présentation : faut-il proposer un antidépresseur d'emblée ?",
        "Nouveau dans la file active. Quel premier objectif de traitement ?",
        "Benzodiazépine au long cours à l'entrée : comment organiser le sevrage ?",
        "Le diagnostic me paraît incertain, que chercher à l'entretien ?",
    ),
    "well": (
        "Va bien depuis plusieurs semaines : passage en prévention de la rechute ?",
        "Souhaite arrêter l'antidépresseur, qu'en pensez-vous ?",
        "Peut-on espacer les appels ?",
    ),
    "improved": (
        "Nette amélioration, mais sommeil toujours mauvais : que proposer ?",
        "Se plaint de troubles sexuels sous traitement, faut-il changer ?",
        "Reprise du travail à temps partiel demandée, est-ce le moment ?",
    ),
    "partial": (
        "Réponse partielle : augmenter la dose ou attendre encore ?",
        "Réponse partielle aux entretiens seuls : ajouter un traitement ?",
        "Stagne depuis deux questionnaires. Changer de molécule ?",
        "Nausées depuis l'augmentation, le médecin hésite à poursuivre.",
    ),
    "unchanged": (
        "Pas d'amélioration malgré le traitement bien pris. Que changer ?",
        "Refuse les médicaments : quelle psychothérapie privilégier ?",
        "Consommation d'alcool découverte, cela modifie-t-il l'avis ?",
    ),
    "worse": (
        "S'aggrave depuis l'arrêt du traitement. Quelle conduite tenir ?",
        "Idées noires exprimées, plan de sécurité fait. Faut-il un avis en présentiel ?",
        "Score en hausse depuis un mois, le médecin traitant demande votre avis.",
    ),
    "unmeasured": (
        "Ne vient plus, deux rendez-vous manqués. Faut-il clore ?",
        "Ne souhaite pas remplir les questionnaires : comment suivre ?",
    ),
}

WITH_ANTIDEPRESSANT = (
    "Souhaite arrêter l'antidépresseur, qu'en pensez-vous ?",
    "Se plaint de troubles sexuels sous traitement, faut-il changer ?",
    "Réponse partielle : augmenter la dose ou attendre encore ?",
    "Stagne depuis deux questionnaires. Changer de molécule ?",
    "Nausées depuis l'augmentation, le médecin hésite à poursuivre.",
    "Pas d'amélioration malgré le traitement bien pris. Que changer ?",
)
WITHOUT_ANTIDEPRESSANT = (
    "Première présentation : faut-il proposer un antidépresseur d'emblée ?",
    "Réponse partielle aux entretiens seuls : ajouter un traitement ?",
    "Refuse les médicaments : quelle psychothérapie privilégier ?",
)
WITHOUT_ANY_DRUG = ("Refuse les médicaments : quelle psychothérapie privilégier ?",)
WITH_BENZODIAZEPINE = ("Benzodiazépine au long cours à l'entrée : comment organiser le sevrage ?",)
AFTER_A_STOP = ("S'aggrave depuis l'arrêt du traitement. Quelle conduite tenir ?",)
"""Questions that fit only some treatments."""

TRIED = (
    "Traitement bien pris, pilulier. Activation comportementale commencée.",
    "Appels chaque semaine, signes d'alerte relus, entourage associé.",
    "Hygiène du sommeil, psychologue depuis un mois. Médecin traitant prévenu.",
)

DEFERRED_BECAUSE = "Plus le temps ; bilan sanguin attendu."
TAKEN_OFF_BECAUSE = "Vu avec le médecin traitant cette semaine."

STATES: dict[str, str] = {
    "new": "Première revue.",
    "well": "Rémission.",
    "improved": "Amélioration nette, symptômes résiduels.",
    "partial": "Réponse partielle.",
    "unchanged": "Pas d'amélioration significative à ce jour.",
    "worse": "Aggravation depuis le meilleur score.",
    "unmeasured": "Pas de score récent exploitable.",
}

CLOSING_WORDS: dict[str, tuple[str, ...]] = {
    "new": (
        "Objectifs discutés avec l'infirmier.",
        "Pas d'argument pour une bipolarité à l'interrogatoire.",
        "Antécédents et traitements antérieurs à préciser.",
        "Retentissement important au travail.",
    ),
    "well": (
        "Fonctionnement habituel retrouvé.",
        "Poursuivre la consolidation.",
        "Le patient connaît ses signes d'alerte.",
    ),
    "improved": (
        "Poursuivre sans changement majeur.",
        "Sommeil encore à travailler.",
        "Reprise d'activités bien engagée.",
    ),
    "partial": (
        "Marge d'optimisation du traitement.",
        "Observance à vérifier avant de conclure.",
        "Facteur de stress professionnel persistant.",
    ),
    "unchanged": (
        "À examiner : dose, observance, comorbidités.",
        "Activation insuffisante, isolement.",
        "Durée de traitement encore courte.",
    ),
    "worse": (
        "Événement de vie récent.",
        "Traitement interrompu ou mal pris.",
        "Surveillance rapprochée nécessaire.",
    ),
    "unmeasured": (
        "Reprendre contact avant toute décision.",
        "Données insuffisantes pour conclure.",
    ),
}

_ABOUT_DRUGS: dict[str, tuple[str | None, ...]] = {
    AnswerOutcome.DONE: (
        "Ordonnance faite.",
        "Vu en consultation.",
        "Fait, bien compris.",
        None,
        None,
    ),
    AnswerOutcome.MODIFIED: (
        "Augmentation plus progressive, par demi-palier.",
        "Prise le soir plutôt que le matin.",
        "Dose intermédiaire, réévaluation à quinze jours.",
    ),
    AnswerOutcome.DECLINED: (
        "Antécédent d'intolérance à cette molécule.",
        "Interaction avec le traitement cardiologique.",
        "Déjà essayé l'an dernier sans effet.",
    ),
    AnswerOutcome.REFUSED_BY_PATIENT: (
        "Ne souhaite pas de médicament.",
        "Craint les effets indésirables.",
    ),
}
_ABOUT_RISK: dict[str, tuple[str | None, ...]] = {
    AnswerOutcome.DONE: (
        "Entretien fait, plan de sécurité à jour.",
        "Vu le jour même avec un proche.",
        None,
    ),
    AnswerOutcome.MODIFIED: ("Fait au téléphone, entretien au cabinet dans la semaine.",),
    AnswerOutcome.DECLINED: ("Déjà fait la veille par le médecin traitant.",),
    AnswerOutcome.REFUSED_BY_PATIENT: ("Ne souhaite pas que ses proches soient prévenus.",),
}
_ABOUT_EXAMINATIONS: dict[str, tuple[str | None, ...]] = {
    AnswerOutcome.DONE: ("Résultat normal.", "Fait, résultat dans le dossier.", None),
    AnswerOutcome.MODIFIED: ("Fait en partie, le reste au prochain rendez-vous.",),
    AnswerOutcome.DECLINED: ("Bilan récent normal, pas de raison de le refaire.",),
    AnswerOutcome.REFUSED_BY_PATIENT: ("Ne souhaite pas de prise de sang.", None),
}
_ABOUT_CARE: dict[str, tuple[str | None, ...]] = {
    AnswerOutcome.DONE: ("Fait avec le patient.", "Commencé.", "Proposé et accepté.", None, None),
    AnswerOutcome.MODIFIED: (
        "Orientation vers un autre professionnel, plus proche.",
        "Objectif revu à la baisse avec le patient.",
        "Par téléphone plutôt qu'au cabinet.",
    ),
    AnswerOutcome.DECLINED: (
        "Délai de rendez-vous trop long, autre solution trouvée.",
        "Le patient préfère attendre le prochain rendez-vous.",
        "Déjà en place.",
    ),
    AnswerOutcome.REFUSED_BY_PATIENT: (
        "Pas disponible pour des séances.",
        "Ne s'en sent pas capable.",
        None,
    ),
}
ANSWER_REASONS: dict[str, dict[str, tuple[str | None, ...]]] = {
    RecommendationKind.MEDICATION: _ABOUT_DRUGS,
    RecommendationKind.SAFETY: _ABOUT_RISK,
    RecommendationKind.INVESTIGATION: _ABOUT_EXAMINATIONS,
    RecommendationKind.PSYCHOTHERAPY: _ABOUT_CARE,
    RecommendationKind.PSYCHOSOCIAL: _ABOUT_CARE,
    RecommendationKind.REFERRAL: _ABOUT_CARE,
    RecommendationKind.SEQUENCE: _ABOUT_CARE,
    RecommendationKind.OTHER: _ABOUT_CARE,
}
"""The comments given with an answer, by the kind of recommendation and the outcome."""

SAFETY_NOTES = (
    "Item 9 positif, plan de sécurité fait ou revu.",
    "Idées suicidaires exprimées au téléphone, entourage prévenu.",
    "C-SSRS positif, médecin traitant joint le jour même.",
)
DISCUSSION_NOTES = (
    "À discuter : observance douteuse.",
    "Demande du médecin traitant, à voir en revue.",
    "Situation sociale bloquée, à discuter.",
    "Effets indésirables rapportés, à discuter.",
    "Prolongation de l'arrêt de travail en question.",
)

SIDE_EFFECTS: dict[str, tuple[str, ...]] = {
    "N06AB": ("nausées", "troubles sexuels", "sueurs", "diarrhée", "agitation les premiers jours"),
    "N06AX16": ("sueurs", "élévation tensionnelle", "nausées"),
    "N06AX11": ("prise de poids", "somnolence"),
    "N06AX03": ("somnolence",),
    "N06AX21": ("nausées", "bouche sèche"),
    "N06AA": ("bouche sèche", "constipation", "somnolence"),
    "N05": ("somnolence", "troubles de la mémoire"),
}
"""Side effects by the beginning of the ATC code."""

CARE_NOTES: dict[str, tuple[str | None, ...]] = {
    CareKind.BEHAVIOURAL_ACTIVATION: ("Planification d'activités, cahier rempli.", None),
    CareKind.PROBLEM_SOLVING: ("Une difficulté travaillée par séance.", None),
    CareKind.PSYCHOLOGIST: (
        "Dispositif Mon soutien psy.",
        "Psychologue de la maison de santé.",
        None,
    ),
    CareKind.SUPPORT_GROUP: ("Groupe du GEM, le jeudi.", None),
    CareKind.SOCIAL_SERVICE: ("Dossier logement.", "Droits et arrêt de travail.", None),
    CareKind.OTHER: ("Activité physique adaptée.", "Relaxation.", None),
}

INCIDENTS = (
    "Visioconférence interrompue 5 minutes, reprise par téléphone.",
    "Son inaudible pendant 10 minutes, réunion poursuivie par téléphone.",
    "Registre inaccessible de 14 h 05 à 14 h 20, revue faite ensuite.",
)
"""Technical incidents during a review."""
