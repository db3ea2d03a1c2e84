"""The rules of the review list by example: the specification that ``test_rules`` holds them to.

``CASES`` speak about one rule each, in the order of the rules; ``EXACT_WORDS`` about what
a score, a baseline or an unbroken run is; ``PICTURES`` list every rule that holds.
"""

from tests.support.stories import NO, Case, Picture

SAFETY = (
    Case(
        "safety_flag",
        "A safety flag that nobody has cleared",
        """
        day     what    value
        10      flag    safety
        """,
        holds={9: NO, 10: 10, 11: 10},
    ),
    Case(
        "safety_flag",
        "Clearing it ends it, on the day it is cleared",
        """
        day     what    value
        10..20  flag    safety
        """,
        holds={19: 10, 20: NO, 21: NO},
    ),
    Case(
        "safety_flag",
        "A flag raised before enrolment: no since lies before it",
        """
        day     what        value
        -40     flag        safety
        """,
        holds={0: 0, 1: 0},
    ),
    Case(
        "safety_flag",
        "Of two flags the one still standing, the earlier first",
        """
        day     what    value
        10..20  flag    safety
        15      flag    safety
        """,
        holds={19: 10, 20: 15},
    ),
    Case(
        "safety_flag",
        "A flag for discussion is not one for safety",
        """
        day     what    value
        10      flag    discussion
        """,
        holds={10: NO},
    ),
    Case(
        "safety_flag",
        "A review without a risk decision does not answer it",
        """
        day     what        value
        10      flag        safety
        12      review
        """,
        holds={12: 10, 40: 10},
    ),
    Case(
        "safety_flag",
        "A risk decision answers it for seven days after the last review",
        """
        day     what        value
        10      flag        safety
        12      review      risk moderate until 60
        15      review
        """,
        holds={11: 10, 12: NO, 21: NO, 22: 22, 23: 22},
    ),
    Case(
        "safety_flag",
        "A decision in the morning does not answer a flag in the evening",
        """
        day     what        value
        10      review      risk low
        10      flag        safety
        """,
        holds={10: 10, 11: 10},
    ),
    Case(
        "suicidal_ideation",
        "Item 9 rises from 0 to 1",
        """
        day     what    value
        0       PHQ-9   12, item 9 = 0
        30      PHQ-9   14, item 9 = 1
        """,
        holds={0: NO, 29: NO, 30: 30, 31: 30},
    ),
    Case(
        "suicidal_ideation",
        "Item 9 at 1 on the first form: no earlier answer from which it could have risen",
        """
        day     what    value
        0       PHQ-9   12, item 9 = 1
        """,
        holds={0: NO, 1: NO},
    ),
    Case(
        "suicidal_ideation",
        "Item 9 at 2 on the first form",
        """
        day     what    value
        3       PHQ-9   12, item 9 = 2
        """,
        holds={2: NO, 3: 3, 4: 3},
    ),
    Case(
        "suicidal_ideation",
        "Item 9 stays at 1",
        """
        day     what    value
        0       PHQ-9   12, item 9 = 1
        30      PHQ-9   14, item 9 = 1
        """,
        holds={30: NO},
    ),
    Case(
        "suicidal_ideation",
        "A later, lower answer does not end the alert",
        """
        day     what        value
        0       PHQ-9       12, item 9 = 3
        20      PHQ-9       14, item 9 = 1
        40      PHQ-9       14, item 9 = 0
        """,
        holds={0: 0, 20: 0, 40: 0, 100: 0},
    ),
    Case(
        "suicidal_ideation",
        "A form without item 9 neither raises nor lowers the alert",
        """
        day     what    value
        0       PHQ-9   12, item 9 = 2
        30      PHQ-9   3
        """,
        holds={29: 0, 30: 0, 31: 0},
    ),
    Case(
        "suicidal_ideation",
        "Item 9 is compared with the previous form on which it was answered",
        """
        day     what    value
        0       PHQ-9   12, item 9 = 0
        20      PHQ-9   13
        30      PHQ-9   14, item 9 = 1
        """,
        holds={20: NO, 30: 30},
    ),
    Case(
        "suicidal_ideation",
        "An unanswered item 9 is not 0: the first answer has no answer before it",
        """
        day     what    value
        0       PHQ-9   12
        30      PHQ-9   14, item 9 = 1
        """,
        holds={30: NO},
    ),
    Case(
        "suicidal_ideation",
        "A form with too few answers for a score still has its item 9",
        """
        day     what    value
        10      PHQ-9   item 9 = 2
        """,
        holds={9: NO, 10: 10},
    ),
    Case(
        "suicidal_ideation",
        "A review without a risk decision does not end it",
        """
        day     what        value
        30      PHQ-9       14, item 9 = 2
        30      review
        35      review
        """,
        holds={30: 30, 36: 30},
    ),
    Case(
        "suicidal_ideation",
        "A risk decision of the day before does not end the alert",
        """
        day     what        value
        29      review      risk low
        30      PHQ-9       14, item 9 = 2
        """,
        holds={30: 30, 31: 30},
    ),
    Case(
        "suicidal_ideation",
        "A risk decision of the form's day or later ends the alert",
        """
        day     what        value
        30      PHQ-9       14, item 9 = 2
        31      review      risk moderate until 45
        """,
        holds={30: 30, 31: NO, 60: NO},
    ),
    Case(
        "suicidal_ideation",
        "A rise from 0 to 1, followed by a C-SSRS, belongs to another tier",
        """
        day     what        value
        0       PHQ-9       12, item 9 = 0
        30      PHQ-9       12, item 9 = 1
        31      C-SSRS      items 1 0 0 0 0 0
        """,
        holds={30: 30, 31: NO},
    ),
    Case(
        "suicidal_ideation",
        "A C-SSRS of the day before, or without an answer, does not follow the rise",
        """
        day     what        value
        0       PHQ-9       12, item 9 = 0
        29      C-SSRS      items 1 0 0 0 0 0
        30      PHQ-9       12, item 9 = 1
        31      C-SSRS      items - - - - - -
        """,
        holds={30: 30, 31: 30},
    ),
    Case(
        "suicidal_ideation",
        "Item 9 at 2 remains an alert, with or without a C-SSRS",
        """
        day     what        value
        30      PHQ-9       12, item 9 = 2
        31      C-SSRS      items 0 0 0 0 0 0
        """,
        holds={30: 30, 31: 30},
    ),
    Case(
        "suicidal_ideation",
        "The first form with no risk decision after it counts",
        """
        day     what        value
        0       PHQ-9       12, item 9 = 2
        10      review      risk moderate until 90
        20      PHQ-9       12, item 9 = 3
        40      PHQ-9       12, item 9 = 2
        """,
        holds={9: 0, 10: NO, 19: NO, 20: 20, 40: 20},
    ),
    Case(
        "suicide_risk_screen",
        "Question 4 of the C-SSRS positive",
        """
        day     what    value
        10      C-SSRS  items 1 1 1 1 0 0
        """,
        holds={9: NO, 10: 10, 11: 10},
    ),
    Case(
        "suicide_risk_screen",
        "Question 5 positive",
        """
        day     what    value
        10      C-SSRS  items 0 0 0 0 1 0
        """,
        holds={9: NO, 10: 10},
    ),
    Case(
        "suicide_risk_screen",
        "Question 6 positive",
        """
        day     what    value
        10      C-SSRS  items 0 0 0 0 0 1
        """,
        holds={9: NO, 10: 10},
    ),
    Case(
        "suicide_risk_screen",
        "Questions 1 to 3 alone",
        """
        day     what    value
        10      C-SSRS  items 1 1 1 0 0 0
        """,
        holds={10: NO},
    ),
    Case(
        "suicide_risk_screen",
        "An unanswered question is not a yes, and does not hide a yes",
        """
        day     what    value
        10      C-SSRS  items 1 1 1 - - -
        20      C-SSRS  items 1 1 1 - - 1
        """,
        holds={10: NO, 19: NO, 20: 20},
    ),
    Case(
        "suicide_risk_screen",
        "A form that ends at question 4",
        """
        day     what    value
        10      C-SSRS  items 1 1 1 1
        """,
        holds={10: 10},
    ),
    Case(
        "suicide_risk_screen",
        "A later screener without a yes does not end it",
        """
        day     what        value
        10      C-SSRS      items 0 0 0 1 0 0
        20      C-SSRS      items 0 0 0 0 0 0
        30      C-SSRS      items 0 0 0 1 0 0
        """,
        holds={9: NO, 10: 10, 20: 10, 30: 10},
    ),
    Case(
        "suicide_risk_screen",
        "A review without a risk decision does not end it",
        """
        day     what        value
        10      C-SSRS      items 0 0 0 1 0 0
        10      review
        """,
        holds={10: 10, 11: 10},
    ),
    Case(
        "suicide_risk_screen",
        "A risk decision the day before does not end it, one the day after does",
        """
        day     what        value
        9       review      risk low
        10      C-SSRS      items 0 0 0 1 0 0
        11      review      risk high until 18
        """,
        holds={10: 10, 11: NO},
    ),
)

OWED = (
    Case(
        "risk_reassessment_due",
        "The day of reassessment has come",
        """
        day     what        value
        10      review      risk moderate until 24
        """,
        holds={10: NO, 23: NO, 24: 24, 25: 24},
    ),
    Case(
        "risk_reassessment_due",
        "A review without a decision does not end it, a new decision does",
        """
        day     what        value
        10      review      risk high until 17
        20      review
        25      review      risk low
        """,
        holds={17: 17, 20: 17, 24: 17, 25: NO, 90: NO},
    ),
    Case(
        "risk_reassessment_due",
        "A decision without a day is never due",
        """
        day     what        value
        10      review      risk moderate
        """,
        holds={10: NO, 300: NO},
    ),
    Case(
        "risk_reassessment_due",
        "A lower answer to item 9 does not end it",
        """
        day     what        value
        10      review      risk moderate until 24
        30      PHQ-9       3, item 9 = 0
        """,
        holds={30: 24},
    ),
    Case(
        "severe_at_entry",
        "PHQ-9 at 20",
        """
        day     what    value
        2       PHQ-9   20
        """,
        holds={1: NO, 2: 2, 3: 2},
    ),
    Case(
        "severe_at_entry",
        "PHQ-9 at 19",
        """
        day     what    value
        2       PHQ-9   19
        """,
        holds={2: NO},
    ),
    Case(
        "severe_at_entry",
        "A form from before enrolment: the rule holds from enrolment",
        """
        day     what        value
        -14     PHQ-9       21
        """,
        holds={0: 0},
    ),
    Case(
        "severe_at_entry",
        "The latest score counts",
        """
        day     what    value
        0       PHQ-9   24
        14      PHQ-9   19
        28      PHQ-9   20
        """,
        holds={13: 0, 14: NO, 27: NO, 28: 28},
    ),
    Case(
        "severe_at_entry",
        "Any review ends it, even one before the score",
        """
        day     what    value
        5       review
        10      PHQ-9   24
        """,
        holds={10: NO},
    ),
    Case(
        "severe_at_entry",
        "It holds until the first review",
        """
        day     what    value
        2       PHQ-9   24
        9       review
        """,
        holds={8: 2, 9: NO},
    ),
    Case(
        "severe_at_entry",
        "Holds since the first score of the unbroken series",
        """
        day     what        value
        0       PHQ-9       21
        10      PHQ-9       19
        20      PHQ-9       20
        30      PHQ-9       23
        """,
        holds={0: 0, 10: NO, 20: 20, 30: 20},
    ),
    Case(
        "answer_due",
        "A question made ready two days ago",
        """
        day     what        value
        10      question
        """,
        holds={10: NO, 11: NO, 12: 12, 15: 12},
    ),
    Case(
        "answer_due",
        "A question that a review answered, or that was withdrawn",
        """
        day     what        value
        10..16  question
        """,
        holds={15: 12, 16: NO},
    ),
    Case(
        "answer_due",
        "Of two questions the earlier",
        """
        day     what        value
        10..20  question
        13      question
        """,
        holds={17: 12, 19: 12, 20: 15},
    ),
    Case(
        "answer_due",
        "Five days where the need is low",
        """
        day     what        value
        5       PHQ-9       4, item 9 = 0
        10      question
        """,
        holds={14: NO, 15: 15, 16: 15},
    ),
    Case(
        "pregnancy_on_psychotropic",
        "A pregnancy begins under an antidepressant",
        """
        day     what        value
        0       drug        sertraline (N06AB06) 50 mg
        10      condition   pregnancy (Z33)
        """,
        holds={9: NO, 10: 10, 11: 10},
    ),
    Case(
        "pregnancy_on_psychotropic",
        "An antidepressant begins in a pregnancy",
        """
        day     what        value
        -30     condition   pregnancy (Z33)
        20      drug        sertraline (N06AB06) 50 mg
        """,
        holds={19: NO, 20: 20, 21: 20},
    ),
    Case(
        "pregnancy_on_psychotropic",
        "Which drugs count: classes N03A, N05 and N06A",
        """
        day     what        value
        0       condition   pregnancy (Z33)
        10..20  drug        valproate (N03AG01) 500 mg
        20..30  drug        diazepam (N05BA01) 10 mg
        30..40  drug        lithium (N05AN01) 500 mg
        40..50  drug        sertraline (N06AB06) 50 mg
        50..60  drug        methylphenidate (N06BA04) 20 mg
        60..70  drug        paracetamol (N02BE01) 1000 mg
        70..80  drug        levodopa (N04BA02) 100 mg
        """,
        holds={9: NO, 10: 10, 20: 20, 30: 30, 40: 40, 50: NO, 60: NO, 70: NO},
    ),
    Case(
        "pregnancy_on_psychotropic",
        "Which conditions count: Z33, Z34, Z35 and their subcodes",
        """
        day     what        value
        0       drug        sertraline (N06AB06) 50 mg
        10..20  condition   pregnancy (Z33)
        20..30  condition   supervised pregnancy (Z34)
        30..40  condition   high-risk pregnancy (Z35)
        40..50  condition   supervised pregnancy (Z34.9)
        50..60  condition   pregnancy test (Z32)
        60..70  condition   antenatal screening (Z36)
        """,
        holds={9: NO, 10: 10, 20: 20, 30: 30, 40: 40, 50: NO, 60: NO},
    ),
    Case(
        "pregnancy_on_psychotropic",
        "The pregnancy ends",
        """
        day     what        value
        0       drug        sertraline (N06AB06) 50 mg
        10..200 condition   pregnancy (Z33)
        """,
        holds={199: 10, 200: NO, 201: NO},
    ),
    Case(
        "pregnancy_on_psychotropic",
        "The drug is stopped",
        """
        day     what        value
        0..40   drug        sertraline (N06AB06) 50 mg
        10      condition   pregnancy (Z33)
        """,
        holds={39: 10, 40: NO, 41: NO},
    ),
    Case(
        "pregnancy_on_psychotropic",
        "A drug taken as needed counts",
        """
        day     what        value
        0       condition   pregnancy (Z33)
        10      drug        oxazepam (N05BA04) 10 mg as needed
        """,
        holds={10: 10},
    ),
    Case(
        "pregnancy_on_psychotropic",
        "Of two drugs the earlier",
        """
        day     what        value
        0       condition   pregnancy (Z33)
        10..40  drug        sertraline (N06AB06) 50 mg
        20      drug        quetiapine (N05AH04) 50 mg
        """,
        holds={39: 10, 40: 20},
    ),
    Case(
        "pregnancy_on_psychotropic",
        "Seen by a review, it counts again after 28 days at most",
        """
        day     what        value
        0       drug        sertraline (N06AB06) 50 mg
        10      condition   pregnancy (Z33)
        20      review      next 100
        """,
        holds={19: 10, 20: NO, 47: NO, 48: 48},
    ),
    Case(
        "pregnancy_on_psychotropic",
        "Seen, it counts again from the due day where that is earlier",
        """
        day     what        value
        0       PHQ-9       21, item 9 = 0
        0       drug        sertraline (N06AB06) 50 mg
        10      condition   pregnancy (Z33)
        20      review
        """,
        holds={20: NO, 33: NO, 34: 34},
    ),
    Case(
        "pregnancy_on_psychotropic",
        "A drug added after the review is new",
        """
        day     what        value
        0       drug        sertraline (N06AB06) 50 mg
        10      condition   pregnancy (Z33)
        20      review      next 100
        30      drug        diazepam (N05BA01) 5 mg
        """,
        holds={29: NO, 30: 30, 31: 30},
    ),
    Case(
        "contraindicated_combination",
        "Hydroxyzine begins under escitalopram",
        """
        day     what        value
        0       drug        escitalopram (N06AB10) 10 mg
        10      drug        hydroxyzine (N05BB01) 25 mg
        """,
        holds={9: NO, 10: 10, 11: 10},
    ),
    Case(
        "contraindicated_combination",
        "Citalopram begins under hydroxyzine",
        """
        day     what        value
        0       drug        hydroxyzine (N05BB01) 25 mg
        20      drug        citalopram (N06AB04) 20 mg
        """,
        holds={19: NO, 20: 20, 21: 20},
    ),
    Case(
        "contraindicated_combination",
        "Which drugs are excluded, and which are not",
        """
        day     what        value
        0       drug        escitalopram (N06AB10) 10 mg
        10..20  drug        hydroxyzine (N05BB01) 25 mg
        20..30  drug        haloperidol (N05AD01) 2 mg
        30..40  drug        amitriptyline (N06AA09) 75 mg
        40..50  drug        disopyramide (C01BA03) 300 mg
        50..60  drug        amiodarone (C01BD01) 200 mg
        60..70  drug        lithium (N05AN01) 500 mg
        70..80  drug        flecainide (C01BC04) 100 mg
        80..90  drug        diazepam (N05BA01) 10 mg
        90..99  drug        mirtazapine (N06AX11) 15 mg
        """,
        holds={
            9: NO,
            10: 10,
            20: 20,
            30: 30,
            40: 40,
            50: 50,
            60: NO,
            70: NO,
            80: NO,
            90: NO,
        },
    ),
    Case(
        "contraindicated_combination",
        "Which antidepressants are concerned: only citalopram and escitalopram",
        """
        day     what        value
        0       drug        hydroxyzine (N05BB01) 25 mg
        0       condition   long QT (I45.8)
        10..20  drug        sertraline (N06AB06) 50 mg
        20..30  drug        paroxetine (N06AB05) 20 mg
        30..40  drug        citalopram (N06AB04) 20 mg
        40..50  drug        escitalopram (N06AB10) 10 mg
        """,
        holds={10: NO, 20: NO, 30: 30, 40: 40, 50: NO},
    ),
    Case(
        "contraindicated_combination",
        "A long QT, known before or found later",
        """
        day     what        value
        0..20   drug        citalopram (N06AB04) 20 mg
        10      condition   long QT (I45.8)
        30      drug        citalopram (N06AB04) 20 mg
        """,
        holds={9: NO, 10: 10, 20: NO, 29: NO, 30: 30},
    ),
    Case(
        "contraindicated_combination",
        "Another disorder of conduction is no long QT; a resolved one is over",
        """
        day     what        value
        0       drug        citalopram (N06AB04) 20 mg
        0       condition   conduction disorder (I45.9)
        10..20  condition   long QT (I45.8)
        """,
        holds={9: NO, 19: 10, 20: NO},
    ),
    Case(
        "contraindicated_combination",
        "One of the two is stopped",
        """
        day     what        value
        0       drug        escitalopram (N06AB10) 10 mg
        10..30  drug        hydroxyzine (N05BB01) 25 mg
        """,
        holds={29: 10, 30: NO},
    ),
    Case(
        "contraindicated_combination",
        "A partner taken as needed counts",
        """
        day     what        value
        0       drug        escitalopram (N06AB10) 10 mg
        10      drug        hydroxyzine (N05BB01) 25 mg as needed
        """,
        holds={10: 10},
    ),
    Case(
        "contraindicated_combination",
        "Of two partners the earlier",
        """
        day     what        value
        0       drug        escitalopram (N06AB10) 10 mg
        10..30  drug        hydroxyzine (N05BB01) 25 mg
        20      drug        haloperidol (N05AD01) 2 mg
        """,
        holds={29: 10, 30: 20},
    ),
    Case(
        "contraindicated_combination",
        "Seen by a review, it counts again after 28 days at most",
        """
        day     what        value
        0       drug        escitalopram (N06AB10) 10 mg
        5       drug        hydroxyzine (N05BB01) 25 mg
        6       review      next 100
        """,
        holds={5: 5, 6: NO, 33: NO, 34: 34},
    ),
    Case(
        "dose_above_maximum",
        "At the maximum, and just above it",
        """
        day     what        value
        0..10   drug        sertraline (N06AB06) 200 mg
        10      drug        sertraline (N06AB06) 201 mg
        """,
        holds={9: NO, 10: 10, 11: 10},
    ),
    Case(
        "dose_above_maximum",
        "A maximum that is not a whole number",
        """
        day     what        value
        0..10   drug        tianeptine (N06AX14) 37.5 mg
        10      drug        tianeptine (N06AX14) 37.6 mg
        """,
        holds={9: NO, 10: 10},
    ),
    Case(
        "dose_above_maximum",
        "Citalopram 40 mg on the 66th birthday: over 65 from that day on",
        """
        day     what        value
        0       drug        citalopram (N06AB04) 40 mg
        40      birthday    66
        """,
        holds={39: NO, 40: 0, 41: 0},
    ),
    Case(
        "dose_above_maximum",
        "Citalopram at 65: up to 40 mg",
        """
        day     what        value
        0       birthday    65
        10..20  drug        citalopram (N06AB04) 40 mg
        20      drug        citalopram (N06AB04) 41 mg
        """,
        holds={10: NO, 20: 20},
    ),
    Case(
        "dose_above_maximum",
        "Citalopram at 66: up to 20 mg",
        """
        day     what        value
        0       birthday    66
        10..20  drug        citalopram (N06AB04) 20 mg
        20      drug        citalopram (N06AB04) 21 mg
        """,
        holds={10: NO, 20: 20},
    ),
    Case(
        "dose_above_maximum",
        "Escitalopram at 65: up to 20 mg",
        """
        day     what        value
        0       birthday    65
        10..20  drug        escitalopram (N06AB10) 20 mg
        20      drug        escitalopram (N06AB10) 21 mg
        """,
        holds={10: NO, 20: 20},
    ),
    Case(
        "dose_above_maximum",
        "Escitalopram at 66: up to 10 mg",
        """
        day     what        value
        0       birthday    66
        10..20  drug        escitalopram (N06AB10) 10 mg
        20      drug        escitalopram (N06AB10) 11 mg
        """,
        holds={10: NO, 20: 20},
    ),
    Case(
        "dose_above_maximum",
        "The maximum of other drugs is the same at 80",
        """
        day     what        value
        0       birthday    80
        0       drug        sertraline (N06AB06) 200 mg
        """,
        holds={0: NO},
    ),
    Case(
        "dose_above_maximum",
        "Taken as needed, stopped, or the dose unknown",
        """
        day     what        value
        0..10   drug        sertraline (N06AB06) 250 mg as needed
        10..20  drug        sertraline (N06AB06) 250 mg
        20..30  drug        sertraline (N06AB06)
        """,
        holds={9: NO, 19: 10, 20: NO, 30: NO},
    ),
    Case(
        "dose_above_maximum",
        "Only antidepressants have a maximum here",
        """
        day     what        value
        0       drug        quetiapine (N05AH04) 900 mg
        """,
        holds={0: NO},
    ),
    Case(
        "dose_above_maximum",
        "Of two drugs the earlier",
        """
        day     what        value
        0..30   drug        sertraline (N06AB06) 250 mg
        10      drug        mirtazapine (N06AX11) 60 mg
        """,
        holds={29: 0, 30: 10},
    ),
    Case(
        "dose_above_maximum",
        "Seen by a review, it counts again after 28 days at most",
        """
        day     what        value
        5       drug        sertraline (N06AB06) 250 mg
        6       review      next 100
        """,
        holds={5: 5, 6: NO, 33: NO, 34: 34},
    ),
)

REVIEW_DUE = (
    Case(
        "never_reviewed",
        "From enrolment until the first review",
        """
        day     what        value
        30      review
        """,
        holds={0: 0, 1: 0, 29: 0, 30: NO, 31: NO},
    ),
    Case(
        "week_8",
        "In weeks 8 to 12, not improved, no review since week 8",
        """
        day     what        value
        0       PHQ-9       16, item 9 = 0
        10      review
        50      PHQ-9       14, item 9 = 0
        """,
        holds={55: NO, 56: 56, 57: 56, 84: 56, 85: NO},
    ),
    Case(
        "week_8",
        "A review in the last 14 days delays the rule",
        """
        day     what        value
        0       PHQ-9       16, item 9 = 0
        50      review
        """,
        holds={56: NO, 63: NO, 64: 64, 65: 64},
    ),
    Case(
        "week_8",
        "A review since week 8 ends it",
        """
        day     what        value
        0       PHQ-9       16, item 9 = 0
        56      review
        """,
        holds={56: NO, 71: NO, 84: NO},
    ),
    Case(
        "week_8",
        "Improved, or never measured",
        """
        day     what        value
        0       PHQ-9       16, item 9 = 0
        50      PHQ-9       8, item 9 = 0
        """,
        holds={56: NO, 70: NO},
    ),
    Case(
        "week_8",
        "The PHQ-9 has improved, the GAD-7 has not",
        """
        day     what        value
        0       PHQ-9       8, item 9 = 0
        0       GAD-7       16
        50      GAD-7       12
        """,
        holds={55: NO, 56: 56},
    ),
    Case(
        "deteriorated",
        "PHQ-9 up by 5",
        """
        day     what        value
        0       PHQ-9       10
        30      PHQ-9       14
        40      PHQ-9       15
        """,
        holds={30: NO, 39: NO, 40: 40, 41: 40},
    ),
    Case(
        "deteriorated",
        "Above the lowest score before, not only above the last",
        """
        day     what        value
        0       PHQ-9       12
        20      PHQ-9       8
        30      PHQ-9       12
        40      PHQ-9       13
        """,
        holds={30: NO, 39: NO, 40: 40},
    ),
    Case(
        "deteriorated",
        "From zero: 4 is not enough, 5 is",
        """
        day     what        value
        0       PHQ-9       0
        30      PHQ-9       4
        40      PHQ-9       5
        """,
        holds={30: NO, 40: 40},
    ),
    Case(
        "deteriorated",
        "One score, however high, and a form without a score before it",
        """
        day     what        value
        -5      PHQ-9       items 0 0 0 0 0 0 - - -
        0       PHQ-9       24
        """,
        holds={0: NO},
    ),
    Case(
        "deteriorated",
        "GAD-7 up by 4",
        """
        day     what        value
        0       GAD-7       8
        30      GAD-7       11
        40      GAD-7       12
        """,
        holds={30: NO, 39: NO, 40: 40, 41: 40},
    ),
    Case(
        "deteriorated",
        "Down again",
        """
        day     what        value
        0       PHQ-9       10
        20      PHQ-9       16
        40      PHQ-9       14
        """,
        holds={20: 20, 39: 20, 40: NO},
    ),
    Case(
        "deteriorated",
        "A review on the score's day answers it",
        """
        day     what        value
        0       PHQ-9       10
        20      PHQ-9       16
        20      review
        """,
        holds={20: NO},
    ),
    Case(
        "deteriorated",
        "A review the day before does not, one the day after does",
        """
        day     what        value
        0       PHQ-9       10
        19      review
        20      PHQ-9       16
        21      review
        """,
        holds={20: 20, 21: NO},
    ),
    Case(
        "deteriorated",
        "Both have risen, the GAD-7 first",
        """
        day     what        value
        0       PHQ-9       10
        0       GAD-7       8
        30      GAD-7       14
        40      PHQ-9       16
        """,
        holds={30: 30, 40: 30},
    ),
    Case(
        "deteriorated",
        "Both have risen, the PHQ-9 first",
        """
        day     what        value
        0       PHQ-9       10
        0       GAD-7       8
        30      PHQ-9       16
        40      GAD-7       14
        """,
        holds={29: NO, 40: 30},
    ),
    Case(
        "deteriorated",
        "The earlier was reviewed, the later was not",
        """
        day     what        value
        0       PHQ-9       10
        0       GAD-7       8
        30      PHQ-9       16
        35      review
        40      GAD-7       14
        """,
        holds={34: 30, 35: NO, 40: 40},
    ),
    Case(
        "deteriorated",
        "The lowest of the three scores before, not of all",
        """
        day     what        value
        0       PHQ-9       5
        10      PHQ-9       10
        20      PHQ-9       10
        30      PHQ-9       9
        40      PHQ-9       13
        50      PHQ-9       15
        """,
        holds={40: NO, 49: NO, 50: 50},
    ),
    Case(
        "deteriorated",
        "After a rise that a review has seen, only a further rise of five points counts",
        """
        day     what        value
        0       PHQ-9       8
        20      PHQ-9       14
        25      review
        40      PHQ-9       16
        60      PHQ-9       19
        """,
        holds={24: 20, 25: NO, 40: NO, 59: NO, 60: 60},
    ),
    Case(
        "relapse",
        "Below 10, then a rise to 10 or more",
        """
        day     what        value
        0       PHQ-9       18
        30      PHQ-9       8
        60      PHQ-9       5
        70      PHQ-9       10
        """,
        holds={0: NO, 30: NO, 60: NO, 69: NO, 70: 70, 71: 70},
    ),
    Case(
        "relapse",
        "Improved by half, without going below 10",
        """
        day     what        value
        0       PHQ-9       24
        30      PHQ-9       12
        60      PHQ-9       17
        """,
        holds={60: NO},
    ),
    Case(
        "relapse",
        "Never improved: down to a point above half",
        """
        day     what        value
        0       PHQ-9       24
        30      PHQ-9       13
        60      PHQ-9       15
        """,
        holds={60: NO},
    ),
    Case(
        "relapse",
        "Two scores: none between the baseline and the latest",
        """
        day     what        value
        0       PHQ-9       20
        30      PHQ-9       10
        """,
        holds={30: NO},
    ),
    Case(
        "relapse",
        "A baseline of 9 does not count",
        """
        day     what        value
        0       PHQ-9       9
        30      PHQ-9       4
        60      PHQ-9       12
        """,
        holds={60: NO},
    ),
    Case(
        "relapse",
        "A baseline of 10 does",
        """
        day     what        value
        0       PHQ-9       10
        30      PHQ-9       4
        60      PHQ-9       12
        """,
        holds={60: 60},
    ),
    Case(
        "relapse",
        "Below 10 once, long ago, and no rise now",
        """
        day     what        value
        0       PHQ-9       18
        30      PHQ-9       8
        60      PHQ-9       14
        90      PHQ-9       14
        120     PHQ-9       16
        150     PHQ-9       16
        """,
        holds={59: NO, 60: 60, 90: 90, 120: 120, 150: NO},
    ),
    Case(
        "relapse",
        "In relapse prevention, 10 is enough, whatever came before",
        """
        day     what        value
        0       status      relapse_prevention
        0       PHQ-9       8
        30      PHQ-9       9
        40      PHQ-9       10
        """,
        holds={30: NO, 39: NO, 40: 40},
    ),
    Case(
        "relapse",
        "In relapse prevention, the only score",
        """
        day     what        value
        0       status      relapse_prevention
        10      PHQ-9       10
        """,
        holds={9: NO, 10: 10},
    ),
    Case(
        "relapse",
        "Not in relapse prevention, never improved",
        """
        day     what        value
        0       PHQ-9       8
        30      PHQ-9       14
        """,
        holds={30: NO},
    ),
    Case(
        "relapse",
        "A review on the score's day has seen it",
        """
        day     what        value
        0       PHQ-9       18
        30      PHQ-9       7
        60      PHQ-9       12
        60      review
        """,
        holds={60: NO},
    ),
    Case(
        "relapse",
        "A review the day before has not, one the day after has",
        """
        day     what        value
        0       PHQ-9       18
        30      PHQ-9       7
        59      review
        60      PHQ-9       12
        61      review
        """,
        holds={60: 60, 61: NO},
    ),
    Case(
        "relapse",
        "Below 10, then 10, less than five points above the lowest",
        """
        day     what        value
        0       PHQ-9       20
        30      PHQ-9       9
        60      PHQ-9       11
        """,
        holds={60: NO},
    ),
    Case(
        "ideation_screened",
        "Item 9 risen from 0 to 1, asked about by a C-SSRS since",
        """
        day     what        value
        0       PHQ-9       12, item 9 = 0
        30      PHQ-9       12, item 9 = 1
        32      C-SSRS      items 1 0 0 0 0 0
        """,
        holds={30: NO, 31: NO, 32: 30, 33: 30},
    ),
    Case(
        "ideation_screened",
        "A risk decision ends it, a review without one does not",
        """
        day     what        value
        0       PHQ-9       12, item 9 = 0
        30      PHQ-9       12, item 9 = 1
        30      C-SSRS      items 0 0 0 0 0 0
        35      review
        40      review      risk low
        """,
        holds={35: 30, 39: 30, 40: NO},
    ),
    Case(
        "long_unreviewed",
        "Two intervals of 28 days at marked need",
        """
        day     what        value
        0       PHQ-9       15, item 9 = 0
        10      review
        """,
        holds={65: NO, 66: 66, 67: 66},
    ),
    Case(
        "long_unreviewed",
        "Two intervals of 14 days at high need, whatever day the review set",
        """
        day     what        value
        0       PHQ-9       20, item 9 = 0
        10      review      next 200
        """,
        holds={37: NO, 38: 38},
    ),
    Case(
        "long_unreviewed",
        "Not at moderate need",
        """
        day     what        value
        0       PHQ-9       10, item 9 = 0
        10      review
        """,
        holds={66: NO, 200: NO},
    ),
    Case(
        "long_unreviewed",
        "Two intervals of 56 days at low need",
        """
        day     what        value
        10      review
        100     PHQ-9       4, item 9 = 0
        """,
        holds={121: NO, 122: 122},
    ),
    Case(
        "advice_declined",
        "The latest answer except acknowledgements declines the recommendation",
        """
        day     what        value
        0       PHQ-9       12
        10      review      next 100
        10      advice      A due 40
        12      answer      A declined
        14      answer      A acknowledged
        """,
        holds={11: NO, 12: 12, 14: 12},
    ),
    Case(
        "advice_declined",
        "Refused by the patient, then done after all",
        """
        day     what        value
        0       PHQ-9       12
        10      review      next 100
        10      advice      A
        12      answer      A refused_by_patient
        20      answer      A done
        """,
        holds={12: 12, 19: 12, 20: NO},
    ),
    Case(
        "advice_declined",
        "Not at low need",
        """
        day     what        value
        0       PHQ-9       4, item 9 = 0
        10      review      next 100
        10      advice      A
        12      answer      A declined
        """,
        holds={12: NO},
    ),
    Case(
        "advice_declined",
        "A recommendation that no longer stands",
        """
        day     what        value
        0       PHQ-9       12
        10..20  advice      A
        12      answer      A declined
        """,
        holds={19: 12, 20: NO},
    ),
    Case(
        "nurse_question",
        "A question made ready less than two days ago",
        """
        day     what        value
        10      question
        """,
        holds={9: NO, 10: 10, 11: 10, 12: NO},
    ),
    Case(
        "nurse_question",
        "A question that a review answered, or that was withdrawn",
        """
        day     what        value
        10..11  question
        """,
        holds={10: 10, 11: NO},
    ),
    Case(
        "nurse_question",
        "Of the questions younger than two days, the earlier one counts",
        """
        day     what        value
        10      question
        11      question
        """,
        holds={11: 10, 12: 11, 13: NO},
    ),
    Case(
        "nurse_question",
        "Five days where the need is low",
        """
        day     what        value
        5       PHQ-9       4, item 9 = 0
        10      question
        """,
        holds={10: 10, 14: 10, 15: NO},
    ),
    Case(
        "discussion_flag",
        "A flag for discussion that nobody has cleared",
        """
        day     what    value
        10      flag    discussion
        """,
        holds={9: NO, 10: 10, 11: 10},
    ),
    Case(
        "discussion_flag",
        "Clearing a flag ends the rule, unless another flag is uncleared",
        """
        day     what    value
        10..20  flag    discussion
        15..30  flag    discussion
        """,
        holds={19: 10, 20: 15, 29: 15, 30: NO},
    ),
    Case(
        "discussion_flag",
        "A safety flag is not one for discussion",
        """
        day     what    value
        10      flag    safety
        """,
        holds={10: NO},
    ),
    Case(
        "discussion_flag",
        "A review that came after it has seen it",
        """
        day     what        value
        10      flag        discussion
        12      review
        """,
        holds={11: 10, 12: NO, 40: NO},
    ),
    Case(
        "discussion_flag",
        "A review of the same day that came before it has not",
        """
        day     what        value
        10      review
        10      flag        discussion
        """,
        holds={10: 10, 11: 10},
    ),
    Case(
        "discussion_flag",
        "A flag of an earlier episode",
        """
        day     what        value
        -15     flag        discussion
        -14     flag        discussion
        """,
        holds={0: 0, 1: 0},
    ),
    Case(
        "discussion_flag",
        "Raised more than 14 days before enrolment",
        """
        day     what        value
        -15     flag        discussion
        """,
        holds={0: NO},
    ),
)

FOLLOW_UP = (
    Case(
        "not_improved",
        "Not improved at week 8, never reviewed",
        """
        day     what        value
        0       PHQ-9       16
        50      PHQ-9       15
        """,
        holds={55: NO, 56: 56, 57: 56},
    ),
    Case(
        "not_improved",
        "The only score is the baseline, taken before enrolment",
        """
        day     what        value
        -14     PHQ-9       16
        """,
        holds={55: NO, 56: 56},
    ),
    Case(
        "not_improved",
        "No score at all",
        """
        day     what        value
        """,
        holds={56: NO},
    ),
    Case(
        "not_improved",
        "Improved is below 10 or half of the baseline, whatever the baseline",
        """
        day     what        value
        0       PHQ-9       9
        50      PHQ-9       15
        """,
        holds={55: NO, 56: 56},
    ),
    Case(
        "not_improved",
        "A baseline of 10 does",
        """
        day     what        value
        0       PHQ-9       10
        50      PHQ-9       10
        """,
        holds={55: NO, 56: 56},
    ),
    Case(
        "not_improved",
        "Below 10 is improved; 10 is not",
        """
        day     what        value
        0       PHQ-9       16
        50      PHQ-9       9
        70      PHQ-9       10
        """,
        holds={56: NO, 69: NO, 70: 56},
    ),
    Case(
        "not_improved",
        "Half of the baseline is improved; a point more is not",
        """
        day     what        value
        0       PHQ-9       24
        50      PHQ-9       12
        70      PHQ-9       13
        """,
        holds={56: NO, 69: NO, 70: 56},
    ),
    Case(
        "not_improved",
        "Half of an odd baseline: 12 of 25 is improved, 13 is not",
        """
        day     what        value
        0       PHQ-9       25
        50      PHQ-9       12
        70      PHQ-9       13
        """,
        holds={56: NO, 70: 56},
    ),
    Case(
        "not_improved",
        "Zero is a score, and improved",
        """
        day     what        value
        0       PHQ-9       16
        50      PHQ-9       0
        """,
        holds={56: NO},
    ),
    Case(
        "not_improved",
        "A form without a score improves nothing",
        """
        day     what        value
        0       PHQ-9       16
        50      PHQ-9       items 0 0 0 0 0 0 - - -
        """,
        holds={56: 56},
    ),
    Case(
        "not_improved",
        "A review within 28 days prevents the rule",
        """
        day     what        value
        0       PHQ-9       16
        40      review
        """,
        holds={56: NO, 67: NO, 68: 68, 69: 68},
    ),
    Case(
        "not_improved",
        "Reviewed on day 28: 28 days later is week 8",
        """
        day     what        value
        0       PHQ-9       16
        28      review
        """,
        holds={55: NO, 56: 56},
    ),
    Case(
        "not_improved",
        "Reviewed on day 29: a day later",
        """
        day     what        value
        0       PHQ-9       16
        29      review
        """,
        holds={56: NO, 57: 57},
    ),
    Case(
        "not_improved",
        "Of two reviews, the later one counts",
        """
        day     what        value
        0       PHQ-9       16
        10      review
        50      review
        """,
        holds={56: NO, 77: NO, 78: 78},
    ),
    Case(
        "not_improved",
        "On the GAD-7 alone, for 180 days after it was taken",
        """
        day     what        value
        0       PHQ-9       8, item 9 = 0
        0       GAD-7       16
        50      GAD-7       12
        """,
        holds={55: NO, 56: 56, 229: 56, 230: NO},
    ),
    Case(
        "review_planned",
        "The day that the review set has come",
        """
        day     what        value
        10      review      next 20
        """,
        holds={19: NO, 20: 20, 21: 20},
    ),
    Case(
        "review_planned",
        "A planned day later than the interval",
        """
        day     what        value
        10      review      next 100
        """,
        holds={38: NO, 99: NO, 100: 100},
    ),
    Case(
        "review_planned",
        "The last review counts",
        """
        day     what        value
        10      review      next 20
        15      review      next 60
        """,
        holds={20: NO, 59: NO, 60: 60},
    ),
    Case(
        "review_overdue",
        "28 days after the last review at moderate or marked need",
        """
        day     what        value
        10      review
        30      PHQ-9       15, item 9 = 0
        """,
        holds={10: NO, 37: NO, 38: 38, 39: 38},
    ),
    Case(
        "review_overdue",
        "14 days at high need, 56 at low",
        """
        day     what        value
        0       PHQ-9       20, item 9 = 0
        10      review
        30      PHQ-9       4, item 9 = 0
        """,
        holds={23: NO, 24: 24, 29: 24, 30: NO, 65: NO, 66: 66},
    ),
    Case(
        "review_overdue",
        "A review that set a day is not overdue: it is planned",
        """
        day     what        value
        10      review      next 20
        """,
        holds={19: NO, 20: NO, 100: NO},
    ),
    Case(
        "review_overdue",
        "The last review counts, not the one before it",
        """
        day     what        value
        10      review      next 20
        15      review
        """,
        holds={20: NO, 42: NO, 43: 43},
    ),
    Case(
        "review_overdue",
        "Without a review none is overdue",
        """
        day     what        value
        """,
        holds={28: NO, 100: NO},
    ),
    Case(
        "sequence_ending",
        "A sequence that ends in 14 days, then today, then has ended",
        """
        day     what        value
        0..90   sequence    classique 1
        """,
        holds={75: NO, 76: 76, 77: 76, 90: 76, 91: 76, 200: 76},
    ),
    Case(
        "sequence_ending",
        "A light sequence too",
        """
        day     what        value
        0..28   sequence    leger 1
        """,
        holds={13: NO, 14: 14},
    ),
    Case(
        "sequence_ending",
        "Renewed: the current sequence is the one that started last",
        """
        day     what        value
        0..90   sequence    classique 1
        91..181 sequence    classique 2
        """,
        holds={90: 76, 91: NO, 166: NO, 167: 167},
    ),
    Case(
        "sequence_ending",
        "Renewed early: the new one counts from its first day",
        """
        day     what        value
        0..90   sequence    classique 1
        80..170 sequence    classique 2
        """,
        holds={79: 76, 80: NO},
    ),
    Case(
        "sequence_ending",
        "No sequence begun yet",
        """
        day     what        value
        5..95   sequence    classique 1
        """,
        holds={4: NO, 5: NO},
    ),
    Case(
        "sequence_ending",
        "Reviewed in its last 14 days",
        """
        day     what        value
        0..90   sequence    classique 1
        80      review
        """,
        holds={79: 76, 80: NO, 95: NO},
    ),
    Case(
        "advice_overdue",
        "A recommendation past its due date",
        """
        day     what        value
        10      review
        10      advice      A due 24
        """,
        holds={10: NO, 23: NO, 24: NO, 25: 25, 26: 25},
    ),
    Case(
        "advice_overdue",
        "Acknowledging it settles nothing",
        """
        day     what        value
        10      advice      A due 24
        12      answer      A acknowledged
        """,
        holds={24: NO, 25: 25},
    ),
    Case(
        "advice_overdue",
        "Done, on the day it is done",
        """
        day     what        value
        10      advice      A due 24
        30      answer      A done
        """,
        holds={29: 25, 30: NO},
    ),
    Case(
        "advice_overdue",
        "Modified, declined or refused by the patient",
        """
        day     what        value
        10      advice      A due 24
        11      advice      B due 24
        12      advice      C due 24
        30      answer      A modified
        31      answer      B declined
        32      answer      C refused_by_patient
        """,
        holds={29: 25, 30: 25, 31: 25, 32: NO},
    ),
    Case(
        "advice_overdue",
        "A settled recommendation stays settled, whatever is answered later",
        """
        day     what        value
        10      advice      A due 24
        12      answer      A done
        13      answer      A acknowledged
        """,
        holds={25: NO},
    ),
    Case(
        "advice_overdue",
        "Without a due date it is never overdue",
        """
        day     what        value
        10      advice      A
        """,
        holds={100: NO},
    ),
    Case(
        "advice_overdue",
        "Of two recommendations, the one due first counts until it is settled",
        """
        day     what        value
        10      advice      A due 24
        10      advice      B due 20
        30      answer      B done
        """,
        holds={20: NO, 21: 21, 29: 21, 30: 25},
    ),
    Case(
        "advice_overdue",
        "Seen by a review that kept it: again from the due day",
        """
        day     what        value
        0       PHQ-9       12
        0       advice      A due 10 sent 20
        20      review
        """,
        holds={10: NO, 11: 11, 19: 11, 20: NO, 47: NO, 48: 48},
    ),
    Case(
        "advice_unacknowledged",
        "Seven days without any answer",
        """
        day     what        value
        10      review
        10      advice      A due 100
        """,
        holds={10: NO, 16: NO, 17: 17, 18: 17},
    ),
    Case(
        "advice_unacknowledged",
        "Any answer ends it, on its day",
        """
        day     what        value
        10      advice      A
        20      answer      A acknowledged
        """,
        holds={19: 17, 20: NO},
    ),
    Case(
        "advice_unacknowledged",
        "Of two recommendations, the earlier one without an answer counts",
        """
        day     what        value
        10      advice      A
        15      advice      B
        25      answer      A declined
        """,
        holds={24: 17, 25: 22},
    ),
    Case(
        "advice_unacknowledged",
        "Kept by a review: it was sent again",
        """
        day     what        value
        0       PHQ-9       12
        0       advice      A due 90 sent 20
        3       answer      A acknowledged
        20      review
        """,
        holds={7: NO, 20: NO, 26: NO, 27: 27},
    ),
    Case(
        "advice_unacknowledged",
        "Not at low need",
        """
        day     what        value
        0       PHQ-9       4, item 9 = 0
        0       advice      A
        """,
        holds={7: NO, 30: NO},
    ),
    Case(
        "early_non_response",
        "Above 80 % of the baseline in weeks 4 to 8",
        """
        day     what        value
        0       PHQ-9       15
        20      PHQ-9       13
        """,
        holds={27: NO, 28: 28, 29: 28, 55: 28, 56: NO},
    ),
    Case(
        "early_non_response",
        "Exactly 80 % is not above",
        """
        day     what        value
        0       PHQ-9       15
        20      PHQ-9       12
        """,
        holds={28: NO},
    ),
    Case(
        "early_non_response",
        "17 or more, although below 80 %",
        """
        day     what        value
        0       PHQ-9       22
        20      PHQ-9       16
        40      PHQ-9       17
        """,
        holds={28: NO, 39: NO, 40: 40},
    ),
    Case(
        "early_non_response",
        "A score of week 5 counts from its day",
        """
        day     what        value
        0       PHQ-9       15
        40      PHQ-9       14
        """,
        holds={28: NO, 39: NO, 40: 40, 41: 40},
    ),
    Case(
        "early_non_response",
        "The latest score must be of day 14 or later",
        """
        day     what        value
        0       PHQ-9       15
        13      PHQ-9       15
        """,
        holds={28: NO},
    ),
    Case(
        "early_non_response",
        "A score of day 14",
        """
        day     what        value
        0       PHQ-9       15
        14      PHQ-9       15
        """,
        holds={27: NO, 28: 28},
    ),
    Case(
        "early_non_response",
        "A baseline of 9 does not count",
        """
        day     what        value
        0       PHQ-9       9
        20      PHQ-9       17
        """,
        holds={28: NO},
    ),
    Case(
        "early_non_response",
        "A baseline of 10 does: 8 is 80 %, 9 is above",
        """
        day     what        value
        0       PHQ-9       10
        20      PHQ-9       8
        30      PHQ-9       9
        """,
        holds={28: NO, 29: NO, 30: 30},
    ),
    Case(
        "early_non_response",
        "Zero is a score; a missing score is not",
        """
        day     what        value
        0       PHQ-9       15
        20      PHQ-9       0
        30      PHQ-9       items 3 3 3 3 3 3 - - -
        """,
        holds={28: NO, 30: NO},
    ),
    Case(
        "no_contact",
        "No contact at all",
        """
        day     what        value
        """,
        holds={27: NO, 28: 28, 29: 28},
    ),
    Case(
        "no_contact",
        "28 days after the last attended contact",
        """
        day     what        value
        10      contact     attended
        """,
        holds={28: NO, 37: NO, 38: 38, 39: 38},
    ),
    Case(
        "no_contact",
        "A contact on the day of enrolment, and on the day after",
        """
        day     what        value
        0       contact     attended
        1       contact     attended
        """,
        holds={27: NO, 28: NO, 29: 29},
    ),
    Case(
        "no_contact",
        "A contact before enrolment: the days count from enrolment",
        """
        day     what        value
        -5      contact     attended
        """,
        holds={23: NO, 27: NO, 28: 28},
    ),
    Case(
        "no_contact",
        "A missed contact is no contact",
        """
        day     what        value
        20      contact     missed
        """,
        holds={27: NO, 28: 28},
    ),
    Case(
        "no_contact",
        "Seen again",
        """
        day     what        value
        10      contact     attended
        50      contact     attended
        60      contact     missed
        """,
        holds={49: 38, 50: NO, 77: NO, 78: 78},
    ),
    Case(
        "no_contact",
        "56 days in relapse prevention",
        """
        day     what        value
        0       status      relapse_prevention
        10      contact     attended
        """,
        holds={38: NO, 65: NO, 66: 66},
    ),
    Case(
        "missed_contacts",
        "Two missed in a row",
        """
        day     what        value
        10      contact     missed
        20      contact     missed
        """,
        holds={10: NO, 19: NO, 20: 20, 21: 20},
    ),
    Case(
        "missed_contacts",
        "Seen before them",
        """
        day     what        value
        5       contact     attended
        10      contact     missed
        20      contact     missed
        """,
        holds={19: NO, 20: 20},
    ),
    Case(
        "missed_contacts",
        "Three in a row: the last one's day",
        """
        day     what        value
        10      contact     missed
        20      contact     missed
        30      contact     missed
        """,
        holds={29: 20, 30: 30},
    ),
    Case(
        "missed_contacts",
        "One attended between them",
        """
        day     what        value
        10      contact     missed
        15      contact     attended
        20      contact     missed
        """,
        holds={20: NO},
    ),
    Case(
        "missed_contacts",
        "Seen after them",
        """
        day     what        value
        10      contact     missed
        20      contact     missed
        30      contact     attended
        """,
        holds={29: 20, 30: NO},
    ),
    Case(
        "score_overdue",
        "No PHQ-9 by day 14",
        """
        day     what        value
        """,
        holds={13: NO, 14: 14, 15: 14},
    ),
    Case(
        "score_overdue",
        "30 days after the last PHQ-9",
        """
        day     what        value
        0       PHQ-9       12
        20      PHQ-9       12
        """,
        holds={30: NO, 49: NO, 50: 50, 51: 50},
    ),
    Case(
        "score_overdue",
        "A PHQ-9 from before enrolment",
        """
        day     what        value
        -14     PHQ-9       12
        """,
        holds={14: NO, 15: NO, 16: 16},
    ),
    Case(
        "score_overdue",
        "Zero is a score",
        """
        day     what        value
        20      PHQ-9       0
        """,
        holds={19: 14, 20: NO, 49: NO, 50: 50},
    ),
    Case(
        "score_overdue",
        "A form without a score does not count",
        """
        day     what        value
        0       PHQ-9       12
        20      PHQ-9       items 0 0 0 0 0 0 - - -
        """,
        holds={29: NO, 30: 30},
    ),
    Case(
        "score_overdue",
        "A GAD-7 does not count as a PHQ-9",
        """
        day     what        value
        10      GAD-7       12
        """,
        holds={14: 14},
    ),
    Case(
        "score_overdue",
        "60 days in relapse prevention",
        """
        day     what        value
        0       status      relapse_prevention
        10      PHQ-9       4
        """,
        holds={40: NO, 69: NO, 70: 70},
    ),
    Case(
        "benzodiazepine_long",
        "A hypnotic (N05CF) in its 29th day",
        """
        day     what        value
        0       drug        zolpidem (N05CF02) 10 mg
        """,
        holds={27: NO, 28: 28, 29: 28},
    ),
    Case(
        "benzodiazepine_long",
        "A hypnotic (N05CD) in its 29th day",
        """
        day     what        value
        0       drug        lormetazepam (N05CD06) 1 mg
        """,
        holds={27: NO, 28: 28},
    ),
    Case(
        "benzodiazepine_long",
        "An anxiolytic (N05BA) in its 85th day",
        """
        day     what        value
        0       drug        oxazepam (N05BA04) 30 mg
        """,
        holds={83: NO, 84: 84, 85: 84},
    ),
    Case(
        "benzodiazepine_long",
        "Begun long before enrolment",
        """
        day     what        value
        -60     drug        oxazepam (N05BA04) 30 mg
        """,
        holds={23: NO, 24: 24},
    ),
    Case(
        "benzodiazepine_long",
        "Hydroxyzine and melatonin are not benzodiazepines",
        """
        day     what        value
        0       drug        hydroxyzine (N05BB01) 25 mg
        0       drug        melatonin (N05CH01) 2 mg
        """,
        holds={28: NO, 84: NO},
    ),
    Case(
        "benzodiazepine_long",
        "Taken as needed",
        """
        day     what        value
        0       drug        zolpidem (N05CF02) 10 mg as needed
        """,
        holds={28: NO},
    ),
    Case(
        "benzodiazepine_long",
        "Stopped",
        """
        day     what        value
        0..90   drug        oxazepam (N05BA04) 30 mg
        """,
        holds={89: 84, 90: NO},
    ),
    Case(
        "benzodiazepine_long",
        "Of two drugs, the one that was taken too long first counts",
        """
        day     what        value
        0       drug        oxazepam (N05BA04) 30 mg
        40      drug        zolpidem (N05CF02) 10 mg
        """,
        holds={67: NO, 68: 68, 84: 68},
    ),
    Case(
        "benzodiazepine_long",
        "Seen by a review: again from the due day",
        """
        day     what        value
        0       PHQ-9       12
        0       drug        zolpidem (N05CF02) 10 mg
        30      review
        """,
        holds={28: 28, 29: 28, 30: NO, 57: NO, 58: 58},
    ),
    Case(
        "benzodiazepine_long",
        "A row as needed is not part of the run",
        """
        day     what        value
        0..20   drug        zolpidem (N05CF02) 10 mg as needed
        20      drug        zolpidem (N05CF02) 10 mg
        """,
        holds={28: NO, 47: NO, 48: 48},
    ),
    Case(
        "dose_inadequate",
        "Below the minimum for 28 days",
        """
        day     what        value
        0       drug        sertraline (N06AB06) 49 mg
        """,
        holds={27: NO, 28: 28, 29: 28},
    ),
    Case(
        "dose_inadequate",
        "At the minimum",
        """
        day     what        value
        0       drug        sertraline (N06AB06) 50 mg
        """,
        holds={28: NO},
    ),
    Case(
        "dose_inadequate",
        "Each dose has its own 28 days",
        """
        day     what        value
        0..20   drug        sertraline (N06AB06) 20 mg
        20      drug        sertraline (N06AB06) 25 mg
        """,
        holds={28: NO, 47: NO, 48: 48},
    ),
    Case(
        "dose_inadequate",
        "Raised to the minimum, or stopped",
        """
        day     what        value
        0..30   drug        sertraline (N06AB06) 25 mg
        30..40  drug        sertraline (N06AB06) 50 mg
        """,
        holds={29: 28, 30: NO, 40: NO},
    ),
    Case(
        "dose_inadequate",
        "Zero is a dose; an unknown dose is not",
        """
        day     what        value
        0..40   drug        sertraline (N06AB06)
        40      drug        sertraline (N06AB06) 0 mg
        """,
        holds={28: NO, 67: NO, 68: 68},
    ),
    Case(
        "dose_inadequate",
        "Taken as needed, or no antidepressant",
        """
        day     what        value
        0       drug        sertraline (N06AB06) 25 mg as needed
        0       drug        quetiapine (N05AH04) 25 mg
        """,
        holds={28: NO},
    ),
    Case(
        "dose_inadequate",
        "Of two drugs the earlier",
        """
        day     what        value
        0..50   drug        mirtazapine (N06AX11) 7.5 mg
        10      drug        sertraline (N06AB06) 25 mg
        """,
        holds={28: 28, 49: 28, 50: 38},
    ),
    Case(
        "dose_inadequate",
        "Seen by a review: again from the due day; not at low need",
        """
        day     what        value
        0       PHQ-9       12
        0       drug        sertraline (N06AB06) 25 mg
        30      review      next 40
        60      PHQ-9       4, item 9 = 0
        """,
        holds={28: 28, 30: NO, 39: NO, 40: 40, 60: NO},
    ),
    Case(
        "long_episode",
        "270 days in care",
        """
        day     what        value
        """,
        holds={0: NO, 269: NO, 270: 270, 271: 270},
    ),
    Case(
        "long_episode",
        "Seen by a review: again from the due day",
        """
        day     what        value
        280     review      next 300
        """,
        holds={279: 270, 280: NO, 299: NO, 300: 300},
    ),
    Case(
        "persistent",
        "Ill, reviewed last week, no other rule",
        """
        day     what        value
        0       PHQ-9       16, item 9 = 0
        0       contact     attended
        10      review      next 24
        """,
        holds={9: NO, 10: 10, 23: 10, 24: NO},
    ),
    Case(
        "persistent",
        "From week 8 on not improved, at moderate need",
        """
        day     what        value
        0       PHQ-9       13, item 9 = 0
        50      PHQ-9       12, item 9 = 0
        50      contact     attended
        54      review      next 70
        """,
        holds={54: NO, 55: NO, 56: 54, 57: 54},
    ),
    Case(
        "persistent",
        "Not at low need",
        """
        day     what        value
        0       PHQ-9       4, item 9 = 0
        0       contact     attended
        10      review      next 24
        """,
        holds={10: NO},
    ),
)

STEP_DOWN = (
    Case(
        "stable_remission",
        "Twice below 5, 28 days apart",
        """
        day     what        value
        30      PHQ-9       4, item 9 = 0
        58      PHQ-9       4, item 9 = 0
        """,
        holds={57: NO, 58: 58, 59: 58},
    ),
    Case(
        "stable_remission",
        "27 days apart",
        """
        day     what        value
        30      PHQ-9       4, item 9 = 0
        57      PHQ-9       4, item 9 = 0
        """,
        holds={57: NO, 58: NO},
    ),
    Case(
        "stable_remission",
        "29 days apart",
        """
        day     what        value
        30      PHQ-9       4, item 9 = 0
        59      PHQ-9       4, item 9 = 0
        """,
        holds={58: NO, 59: 59},
    ),
    Case(
        "stable_remission",
        "5 is not below 5, whether it is the earlier or the later score",
        """
        day     what        value
        0       PHQ-9       4, item 9 = 0
        30      PHQ-9       5, item 9 = 0
        60      PHQ-9       4, item 9 = 0
        90      PHQ-9       4, item 9 = 0
        """,
        holds={30: NO, 60: NO, 89: NO, 90: 90},
    ),
    Case(
        "stable_remission",
        "Zero is a score",
        """
        day     what        value
        30      PHQ-9       0, item 9 = 0
        60      PHQ-9       0, item 9 = 0
        """,
        holds={59: NO, 60: 60},
    ),
    Case(
        "stable_remission",
        "One score",
        """
        day     what        value
        30      PHQ-9       2, item 9 = 0
        """,
        holds={60: NO},
    ),
    Case(
        "stable_remission",
        "The last two, not the first and the last",
        """
        day     what        value
        0       PHQ-9       3, item 9 = 0
        20      PHQ-9       3, item 9 = 0
        40      PHQ-9       3, item 9 = 0
        """,
        holds={40: NO},
    ),
    Case(
        "stable_remission",
        "A form without a score between them does not count",
        """
        day     what        value
        30      PHQ-9       4, item 9 = 0
        45      PHQ-9       items 0 0 0 0 0 0 - - -
        60      PHQ-9       4, item 9 = 0
        """,
        holds={60: 60},
    ),
    Case(
        "stable_remission",
        "Already in relapse prevention",
        """
        day     what        value
        0       status      relapse_prevention
        30      PHQ-9       4, item 9 = 0
        60      PHQ-9       4, item 9 = 0
        """,
        holds={60: NO},
    ),
    Case(
        "stable_remission",
        "Twice below 5, but item 9 unknown: the need is not low",
        """
        day     what        value
        30      PHQ-9       4
        60      PHQ-9       4
        """,
        holds={60: NO},
    ),
    Case(
        "stable_response",
        "Three times below 10 over 56 days",
        """
        day     what        value
        0       PHQ-9       8, item 9 = 0
        28      PHQ-9       9, item 9 = 0
        56      PHQ-9       7, item 9 = 0
        """,
        holds={55: NO, 56: 56, 57: 56},
    ),
    Case(
        "stable_response",
        "Over 55 days",
        """
        day     what        value
        0       PHQ-9       8, item 9 = 0
        28      PHQ-9       9, item 9 = 0
        55      PHQ-9       7, item 9 = 0
        """,
        holds={55: NO},
    ),
    Case(
        "stable_response",
        "In stable remission already",
        """
        day     what        value
        0       PHQ-9       8, item 9 = 0
        28      PHQ-9       4, item 9 = 0
        56      PHQ-9       4, item 9 = 0
        """,
        holds={56: NO},
    ),
    Case(
        "stable_response",
        "The last three, one of them at 10",
        """
        day     what        value
        0       PHQ-9       8, item 9 = 0
        28      PHQ-9       10, item 9 = 0
        56      PHQ-9       7, item 9 = 0
        """,
        holds={56: NO},
    ),
)

CASES = SAFETY + OWED + REVIEW_DUE + FOLLOW_UP + STEP_DOWN

EXACT_WORDS = (
    Case(
        "severe_at_entry",
        "All items answered, no total: their sum",
        """
        day     what        value
        0       PHQ-9       items 3 3 3 3 3 3 1 0 0
        10      PHQ-9       items 3 3 3 3 3 3 2 0 0
        """,
        holds={0: NO, 10: 10},
    ),
    Case(
        "severe_at_entry",
        "The stored total is used where the items say otherwise",
        """
        day     what        value
        0       PHQ-9       20, items 0 0 0 0 0 0 0 0 0
        10      PHQ-9       19, items 3 3 3 3 3 3 3 3 3
        """,
        holds={0: 0, 10: NO},
    ),
    Case(
        "severe_at_entry",
        "A total that the form cannot give is no score, whatever the items",
        """
        day     what        value
        0       PHQ-9       28, items 3 3 3 3 3 3 2 0 0
        10      PHQ-9       20
        """,
        holds={0: NO, 9: NO, 10: 10},
    ),
    Case(
        "severe_at_entry",
        "The highest total that the form can give; one more, without items, is no score",
        """
        day     what        value
        0       PHQ-9       28
        10      PHQ-9       27
        """,
        holds={0: NO, 10: 10},
    ),
    Case(
        "stable_remission",
        "PHQ-9 with one item missing: a mean of 4.5 for the whole rounds up to 5",
        """
        day     what        value
        0       PHQ-9       items 1 1 1 1 0 0 0 - 0
        30      PHQ-9       items 1 1 1 1 0 0 0 - 0
        """,
        holds={30: NO},
    ),
    Case(
        "stable_remission",
        "PHQ-9 with one item missing: 3.4 rounds down to 3",
        """
        day     what        value
        0       PHQ-9       items 1 1 1 0 0 0 0 - 0
        30      PHQ-9       items 1 1 1 0 0 0 0 - 0
        """,
        holds={30: 30},
    ),
    Case(
        "severe_at_entry",
        "PHQ-9 with two items missing is prorated: 15 on seven items make 19, 16 make 21",
        """
        day     what        value
        0       PHQ-9       items 3 3 3 3 3 0 0 - -
        10      PHQ-9       items 3 3 3 3 3 1 0 - -
        """,
        holds={0: NO, 10: 10},
    ),
    Case(
        "severe_at_entry",
        "PHQ-9 with three items missing has no score",
        """
        day     what        value
        0       PHQ-9       items 3 3 3 3 3 3 - - -
        """,
        holds={0: NO},
    ),
    Case(
        "deteriorated",
        "GAD-7 with one item missing: 3.5 rounds up to 4",
        """
        day     what        value
        0       GAD-7       0
        30      GAD-7       items 1 1 0 0 0 0 -
        40      GAD-7       items 1 1 1 0 0 0 -
        """,
        holds={30: NO, 40: 40},
    ),
    Case(
        "deteriorated",
        "GAD-7 with two items missing has no score",
        """
        day     what        value
        0       GAD-7       0
        40      GAD-7       items 3 3 3 3 3 - -
        """,
        holds={40: NO},
    ),
    Case(
        "severe_at_entry",
        "Of two forms on one day the later entry counts",
        """
        day     what        value
        0       PHQ-9       24
        0       PHQ-9       12
        10      PHQ-9       12
        10      PHQ-9       24
        """,
        holds={0: NO, 10: 10},
    ),
    Case(
        "suicidal_ideation",
        "Of two forms on one day the later entry counts, for item 9 too",
        """
        day     what        value
        10      PHQ-9       12, item 9 = 0
        10      PHQ-9       12, item 9 = 1
        """,
        holds={10: 10},
    ),
    Case(
        "not_improved",
        "The baseline is the first score: a form before it without one does not count",
        """
        day     what        value
        0       PHQ-9       items 0 0 0 0 0 0 - - -
        5       PHQ-9       16
        """,
        holds={56: 56},
    ),
    Case(
        "not_improved",
        "The baseline is the first score, not the highest",
        """
        day     what        value
        0       PHQ-9       18
        10      PHQ-9       24
        50      PHQ-9       12
        """,
        holds={56: 56},
    ),
    Case(
        "benzodiazepine_long",
        "Unbroken run: the next dose starts on the day the last was stopped",
        """
        day     what        value
        0..50   drug        oxazepam (N05BA04) 30 mg
        50      drug        oxazepam (N05BA04) 20 mg
        """,
        holds={83: NO, 84: 84},
    ),
    Case(
        "benzodiazepine_long",
        "Unbroken run: the next dose starts on the day after",
        """
        day     what        value
        0..50   drug        oxazepam (N05BA04) 30 mg
        51      drug        oxazepam (N05BA04) 20 mg
        """,
        holds={83: NO, 84: 84},
    ),
    Case(
        "benzodiazepine_long",
        "Broken: a day in between, and the count starts again",
        """
        day     what        value
        0..50   drug        oxazepam (N05BA04) 30 mg
        52      drug        oxazepam (N05BA04) 20 mg
        """,
        holds={84: NO, 135: NO, 136: 136},
    ),
    Case(
        "benzodiazepine_long",
        "Unbroken run of three doses, two of them overlapping",
        """
        day     what        value
        0..40   drug        oxazepam (N05BA04) 30 mg
        10..20  drug        oxazepam (N05BA04) 10 mg
        41      drug        oxazepam (N05BA04) 20 mg
        """,
        holds={83: NO, 84: 84},
    ),
    Case(
        "benzodiazepine_long",
        "Another drug of the class makes a run of its own",
        """
        day     what        value
        0..50   drug        oxazepam (N05BA04) 30 mg
        50      drug        alprazolam (N05BA12) 1 mg
        """,
        holds={84: NO, 133: NO, 134: 134},
    ),
)

PICTURES = (
    Picture(
        "A patient of whom nothing is recorded but the enrolment",
        """
        day     what        value
        """,
        {
            0: [("never_reviewed", 0)],
            14: [("never_reviewed", 0), ("score_overdue", 14)],
            28: [("never_reviewed", 0), ("score_overdue", 14), ("no_contact", 28)],
            270: [
                ("never_reviewed", 0),
                ("score_overdue", 14),
                ("no_contact", 28),
                ("long_episode", 270),
            ],
        },
    ),
    Picture(
        "Nothing due: seen, measured, reviewed, better",
        """
        day     what        value
        0       PHQ-9       14, item 9 = 0
        0       contact     attended
        0..90   sequence    classique 1
        0       drug        sertraline (N06AB06) 50 mg
        7       review      next 49
        21      contact     attended
        28      PHQ-9       9, item 9 = 0
        45      contact     attended
        """,
        {
            6: [("never_reviewed", 0)],
            7: [],
            28: [],
            48: [],
            49: [("review_planned", 49)],
            58: [("review_planned", 49), ("score_overdue", 58)],
        },
    ),
    Picture(
        "By tier, then by since, then in the order of the rules",
        """
        day     what        value
        5       question
        5       flag        discussion
        10      flag        safety
        10      PHQ-9       24, item 9 = 2
        10      C-SSRS      items 1 1 1 1 1 0
        """,
        {
            9: [("answer_due", 7), ("never_reviewed", 0), ("discussion_flag", 5)],
            10: [
                ("safety_flag", 10),
                ("suicidal_ideation", 10),
                ("suicide_risk_screen", 10),
                ("answer_due", 7),
                ("severe_at_entry", 10),
                ("never_reviewed", 0),
                ("discussion_flag", 5),
            ],
        },
    ),
    Picture(
        "A decision is owed: pregnant on two drugs, the sequence about to end",
        """
        day     what        value
        0       PHQ-9       12
        0       contact     attended
        0       drug        escitalopram (N06AB10) 10 mg
        0..30   sequence    leger 1
        10      drug        hydroxyzine (N05BB01) 25 mg
        12      condition   pregnancy (Z33)
        """,
        {
            9: [("never_reviewed", 0)],
            10: [("contraindicated_combination", 10), ("never_reviewed", 0)],
            16: [
                ("contraindicated_combination", 10),
                ("pregnancy_on_psychotropic", 12),
                ("never_reviewed", 0),
                ("sequence_ending", 16),
            ],
        },
    ),
    Picture(
        "No response for nine weeks, and no review for 38 days",
        """
        day     what        value
        0       PHQ-9       16
        0       contact     attended
        0..90   sequence    classique 1
        28      review
        28      contact     attended
        28      PHQ-9       16
        28      advice      A due 42
        30      answer      A acknowledged
        55      contact     attended
        63      PHQ-9       17
        """,
        {
            66: [
                ("week_8", 56),
                ("advice_overdue", 43),
                ("not_improved", 56),
                ("review_overdue", 56),
            ],
        },
    ),
    Picture(
        "A relapse in prevention, on a hypnotic for too long",
        """
        day     what        value
        0       status      relapse_prevention
        0       PHQ-9       3
        0       review      next 80
        20      contact     attended
        10      drug        zolpidem (N05CF02) 10 mg
        25      PHQ-9       4
        40      PHQ-9       11
        """,
        {
            37: [],
            38: [("benzodiazepine_long", 38)],
            40: [("deteriorated", 40), ("relapse", 40), ("benzodiazepine_long", 38)],
        },
    ),
    Picture(
        "Remission that lasts: time to step down",
        """
        day     what        value
        0       PHQ-9       12, item 9 = 0
        0..180  sequence    classique 2
        100     review      next 160
        100     PHQ-9       4, item 9 = 0
        120     contact     attended
        130     PHQ-9       3, item 9 = 0
        """,
        {
            129: [],
            130: [("stable_remission", 130)],
            148: [("no_contact", 148), ("stable_remission", 130)],
        },
    ),
    Picture(
        "An alert of suicide: a review without a decision leaves it, a decision ends it for a time",
        """
        day     what        value
        0       PHQ-9       14, item 9 = 0
        0       contact     attended
        10      review
        20      PHQ-9       14, item 9 = 2
        20      contact     attended
        22      review
        24      review      risk high until 31
        32      PHQ-9       9, item 9 = 0
        33      review      risk low
        """,
        {
            19: [],
            20: [("suicidal_ideation", 20)],
            23: [("suicidal_ideation", 20)],
            24: [("persistent", 24)],
            31: [("risk_reassessment_due", 31), ("early_non_response", 28)],
            32: [("risk_reassessment_due", 31)],
            33: [],
        },
    ),
)
