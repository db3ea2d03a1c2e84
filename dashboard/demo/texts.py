"""French texts, as clinicians write them: notes of contacts, questions, summaries, answers."""

from dashboard.vocabulary import AnswerOutcome, CareKind, MedicationAction, RecommendationKind

CONTACT_NOTES: dict[str, tuple[str, ...]] = {
    "well": (
        "Va bien, projets repris. Plan de prévention de la rechute relu.",
        "Humeur stable, sommeil correct. Reste vigilant sur les ruminations.",
        "Reprise du travail sans difficulté. Espacement des appels convenu.",
        "Se dit « comme avant ». Signes d’alerte revus ensemble.",
        "Bonne semaine, sport repris deux fois. Appétit et sommeil corrects.",
    ),
    "better": (
        "Amélioration ressentie, sort de nouveau. Sommeil encore fragile.",
        "Activités planifiées faites à moitié, satisfaction notée.",
        "Moins de ruminations, appétit revenu. Sort chaque jour.",
        "Plus d’énergie le matin. Objectif : deux marches par semaine.",
        "L’entourage remarque un mieux. Exercices de respiration poursuivis.",
        "Anxiété moindre dans les transports, exposition à poursuivre.",
    ),
    "same": (
        "Peu de changement. Fatigue au premier plan, reste à la maison.",
        "Ruminations le soir, endormissement vers 2 h. Hygiène du sommeil reprise.",
        "Situation au travail inchangée, arrêt prolongé par le médecin traitant.",
        "Difficulté à se fixer des activités. Une sortie convenue par semaine.",
        "Entretien de soutien, résolution de problèmes sur les démarches administratives.",
        "Journées sans rythme, lever tardif. Horaires fixes essayés.",
    ),
    "worse": (
        "Semaine difficile après un conflit familial. Pleurs, isolement.",
        "Sommeil très dégradé, ne sort plus. Rappel prévu sous 48 h.",
        "Anxiété majorée, deux crises cette semaine. Techniques d’ancrage revues.",
        "Ne voit plus d’issue à la situation familiale. À discuter en revue.",
        "Perte d’appétit, découragement. Question posée au psychiatre.",
    ),
    "first": (
        "Premier contact, programme expliqué, consentement recueilli.",
        "Prise de contact, attentes et objectifs notés.",
        "Évaluation initiale, entourage présent en fin d’entretien.",
    ),
    "unmeasured": (
        "Appel de suivi, pas de questionnaire ce jour.",
        "Point rapide sur le sommeil et les activités.",
        "Psychoéducation sur la dépression et l’anxiété.",
    ),
    "missed": (
        "Absence non excusée, message laissé.",
        "N’a pas répondu, nouvel appel prévu cette semaine.",
        "Rendez-vous annulé le jour même, garde d’enfant.",
        "Messagerie pleine, courrier envoyé.",
        "S’est excusé, reporté.",
    ),
}

QUESTIONS: dict[str, tuple[str, ...]] = {
    "new": (
        "Première présentation : faut-il proposer un antidépresseur d’emblée ?",
        "Nouveau dans la file active. Quel premier objectif de traitement ?",
        "Benzodiazépine au long cours à l’entrée : comment organiser le sevrage ?",
        "Le diagnostic me paraît incertain, que chercher à l’entretien ?",
    ),
    "well": (
        "Va bien depuis plusieurs semaines : passage en prévention de la rechute ?",
        "Souhaite arrêter l’antidépresseur, qu’en pensez-vous ?",
        "Peut-on espacer les appels ?",
    ),
    "improved": (
        "Nette amélioration, mais sommeil toujours mauvais : que proposer ?",
        "Se plaint de troubles sexuels sous traitement, faut-il changer ?",
        "Reprise du travail à temps partiel demandée, est-ce le moment ?",
    ),
    "partial": (
        "Réponse partielle depuis un mois : quelle étape suivante ?",
        "Réponse partielle : augmenter la dose ou attendre encore ?",
        "Réponse partielle aux entretiens seuls : ajouter un traitement ?",
        "Stagne depuis deux questionnaires. Changer de molécule ?",
        "Nausées depuis l’augmentation, le médecin hésite à poursuivre.",
    ),
    "unchanged": (
        "Pas d’amélioration malgré le traitement bien pris. Que changer ?",
        "Peu de changement depuis l’inclusion : que proposer ?",
        "Refuse les médicaments : quelle psychothérapie privilégier ?",
        "Consommation d’alcool découverte, cela modifie-t-il l’avis ?",
    ),
    "worse": (
        "S’aggrave depuis l’arrêt du traitement. Quelle conduite tenir ?",
        "Idées noires exprimées, plan de sécurité fait. Faut-il un avis en présentiel ?",
        "Score en hausse depuis un mois, le médecin traitant demande votre avis.",
    ),
    "unmeasured": (
        "Ne vient plus, deux rendez-vous manqués. Faut-il clore ?",
        "Ne souhaite pas remplir les questionnaires : comment suivre ?",
    ),
}

TRIED = (
    "Objectifs revus ensemble, une sortie par jour.",
    "Appels chaque semaine, signes d’alerte relus, entourage associé.",
    "Hygiène du sommeil revue, médecin traitant prévenu.",
)

DEFERRED_BECAUSE = "Plus le temps ; bilan sanguin attendu."
TAKEN_OFF_BECAUSE = "Vu avec le médecin traitant cette semaine."

STATES: dict[str, str] = {
    "new": "Première revue.",
    "well": "Rémission.",
    "improved": "Amélioration nette, symptômes résiduels.",
    "partial": "Réponse partielle.",
    "unchanged": "Pas d’amélioration significative à ce jour.",
    "worse": "Aggravation depuis le meilleur score.",
    "unmeasured": "Pas de score récent exploitable.",
}

CLOSING_WORDS: dict[str, tuple[str, ...]] = {
    "new": (
        "Objectifs discutés avec l’IDE.",
        "Pas d’argument pour une bipolarité à l’interrogatoire.",
        "Antécédents et traitements antérieurs à préciser.",
        "Retentissement important au travail.",
    ),
    "well": (
        "Fonctionnement habituel retrouvé.",
        "Poursuivre la consolidation.",
        "Signes d’alerte connus.",
    ),
    "improved": (
        "Poursuivre sans changement majeur.",
        "Sommeil encore à travailler.",
        "Reprise d’activités bien engagée.",
    ),
    "partial": (
        "Sommeil et rythme à reprendre avec l’IDE.",
        "Marge d’optimisation du traitement.",
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

ANSWER_TEXTS: dict[str, dict[str, tuple[str | None, ...]]] = {
    MedicationAction.START: {
        AnswerOutcome.DONE: ("Ordonnance faite.", "Vu en consultation.", None),
        AnswerOutcome.MODIFIED: (
            "Dose de départ plus faible, par demi-palier.",
            "Prise le soir plutôt que le matin.",
        ),
        AnswerOutcome.DECLINED: (
            "Antécédent d’intolérance à cette molécule.",
            "Préférence pour une psychothérapie d’abord.",
        ),
        AnswerOutcome.REFUSED_BY_PATIENT: (
            "Ne souhaite pas de médicament.",
            "Craint les effets indésirables.",
        ),
    },
    MedicationAction.SWITCH: {
        AnswerOutcome.DONE: ("Ordonnance faite.", "Vu en consultation.", None),
        AnswerOutcome.MODIFIED: ("Passage plus progressif, sur deux semaines.",),
        AnswerOutcome.DECLINED: (
            "Antécédent d’intolérance à cette molécule.",
            "Déjà essayé il y a quelques années sans effet.",
        ),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Ne souhaite pas changer de traitement.",),
    },
    MedicationAction.INCREASE: {
        AnswerOutcome.DONE: ("Ordonnance faite.", "Vu en consultation.", None),
        AnswerOutcome.MODIFIED: ("Augmentation plus progressive, par demi-palier.",),
        AnswerOutcome.DECLINED: (
            "Effets gênants à la dose actuelle.",
            "Mieux vaut attendre quatre semaines de plus.",
        ),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Craint les effets d’une dose plus forte.",),
    },
    MedicationAction.DECREASE: {
        AnswerOutcome.DONE: ("Ordonnance faite.", "Vu en consultation.", None),
        AnswerOutcome.MODIFIED: ("Diminution plus lente, sur un mois.",),
        AnswerOutcome.DECLINED: ("ECG normal, dose maintenue pour l’instant.",),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Craint de rechuter.",),
    },
    MedicationAction.STOP: {
        AnswerOutcome.DONE: ("Ordonnance faite.", "Vu en consultation.", None),
        AnswerOutcome.MODIFIED: ("Arrêt plus lent, par quarts de comprimé.",),
        AnswerOutcome.DECLINED: ("Trop tôt, à revoir dans un mois.",),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Craint le manque.",),
    },
    MedicationAction.CONTINUE: {
        AnswerOutcome.DONE: ("Ordonnance faite.", "Vu en consultation.", None),
        AnswerOutcome.MODIFIED: ("Prise le soir plutôt que le matin.",),
        AnswerOutcome.DECLINED: ("Durée à revoir en consultation.",),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Souhaite arrêter, en parlera en consultation.",),
    },
    RecommendationKind.SAFETY: {
        AnswerOutcome.DONE: (
            "Idées passives, sans intention ni projet ; plan de sécurité à jour.",
            "Pas d’idée active ; un proche est prévenu avec son accord.",
            "Idées fluctuantes, sans projet ; nouvel appel demain.",
        ),
        AnswerOutcome.MODIFIED: ("Fait au téléphone, entretien au cabinet dans la semaine.",),
        AnswerOutcome.DECLINED: ("Déjà fait la veille par le médecin traitant.",),
        AnswerOutcome.REFUSED_BY_PATIENT: (
            "Ne souhaite pas d’autre entretien ; plan de sécurité relu au téléphone.",
        ),
    },
    "blood": {
        AnswerOutcome.DONE: ("Résultat normal.", "Fait, résultat dans le dossier.", None),
        AnswerOutcome.MODIFIED: ("Fait en partie, le reste au prochain rendez-vous.",),
        AnswerOutcome.DECLINED: ("Bilan récent normal, pas de raison de le refaire.",),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Ne souhaite pas de prise de sang.",),
    },
    "ecg": {
        AnswerOutcome.DONE: ("Sans particularité, QTc normal.", "Fait, tracé dans le dossier."),
        AnswerOutcome.MODIFIED: ("Prévu chez le cardiologue.",),
        AnswerOutcome.DECLINED: ("Tracé normal il y a deux mois.",),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Ne souhaite pas d’ECG pour l’instant.",),
    },
    "questionnaire": {
        AnswerOutcome.DONE: ("Rempli, sans argument particulier.", "Résultat dans le dossier."),
        AnswerOutcome.MODIFIED: ("Rempli en partie.",),
        AnswerOutcome.DECLINED: ("Déjà rempli à l’inclusion.",),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Ne souhaite pas le remplir.",),
    },
    "measures": {
        AnswerOutcome.DONE: ("Tension et poids normaux.", "Fait, stable."),
        AnswerOutcome.MODIFIED: ("Tension prise, poids au prochain rendez-vous.",),
        AnswerOutcome.DECLINED: ("Mesures du mois dernier normales.",),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Ne souhaite pas se peser.",),
    },
    RecommendationKind.PSYCHOTHERAPY: {
        AnswerOutcome.DONE: ("Commencé.", "Proposé et accepté.", None),
        AnswerOutcome.MODIFIED: ("Séances plus espacées.", "Objectif revu à la baisse ensemble."),
        AnswerOutcome.DECLINED: ("Pas le bon moment, à reproposer dans un mois.",),
        AnswerOutcome.REFUSED_BY_PATIENT: (
            "Pas disponible pour des séances.",
            "Ne s’en sent pas capable.",
        ),
    },
    RecommendationKind.PSYCHOSOCIAL: {
        AnswerOutcome.DONE: ("Fait.", "Proposé et accepté.", None),
        AnswerOutcome.MODIFIED: ("Commencé plus tard, à sa demande.",),
        AnswerOutcome.DECLINED: ("Pas utile pour l’instant.",),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Préfère attendre.", None),
    },
    RecommendationKind.REFERRAL: {
        AnswerOutcome.DONE: ("Rendez-vous pris.", "Courrier envoyé."),
        AnswerOutcome.MODIFIED: ("Orientation vers un psychiatre libéral, plus proche.",),
        AnswerOutcome.DECLINED: ("Délai trop long, suivi actuel poursuivi.",),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Ne souhaite pas y aller.",),
    },
    "call": {
        AnswerOutcome.DONE: ("Appel fait.", None),
        AnswerOutcome.MODIFIED: ("Message laissé, rappel convenu.",),
        AnswerOutcome.DECLINED: ("Courrier envoyé à la place.",),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Ne souhaite pas ce contact.",),
    },
    RecommendationKind.SEQUENCE: {
        AnswerOutcome.DONE: ("Fait.", "Vu ensemble au dernier contact.", None),
        AnswerOutcome.MODIFIED: ("Décision reportée d’un mois.",),
        AnswerOutcome.DECLINED: ("Le médecin traitant préfère attendre.",),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Préfère continuer comme avant.",),
    },
    RecommendationKind.OTHER: {
        AnswerOutcome.DONE: ("Fait.", None, None),
        AnswerOutcome.MODIFIED: ("Fait en partie, le reste au prochain contact.",),
        AnswerOutcome.DECLINED: ("Reporté au prochain rendez-vous.",),
        AnswerOutcome.REFUSED_BY_PATIENT: ("Ne s’en sent pas capable pour l’instant.", None),
    },
}
"""The texts of answers, by the topic of the recommendation and by the outcome of the answer."""

DONE_BY_THE_GP = ("Fait par le médecin traitant.", "Confirmé par le médecin traitant.", None)
"""The texts with which a nurse answers that the GP has done something."""

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
    "Prolongation de l’arrêt de travail en question.",
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
"""Side effects of drugs, by the first characters of the ATC code."""

CARE_NOTES: dict[str, tuple[str | None, ...]] = {
    CareKind.BEHAVIOURAL_ACTIVATION: ("Planification d’activités, cahier rempli.", None),
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
"""Descriptions of technical incidents during a review."""
