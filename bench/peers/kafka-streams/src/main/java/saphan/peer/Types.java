package saphan.peer;

/** Wire numbers of the platform's enums that decisions look at. */
final class Types {
    static final int DIRECTIVE = 10;
    static final int RETRACTION = 12;
    static final int N_TYPES = 13;

    static final int BASIS_CONSENT = 0;

    static final int IDENTITY_NONE = 0;
    static final int IDENTITY_PSEUDONYM = 1;
    static final int IDENTITY_CITIZEN_ID = 2;

    static final int EFFECT_DENY = 1;

    static final int DELIVERED = 0;
    static final int WITHHELD = 1;
    static final int RETRACTED = 2;

    static final int LABEL_CEILING = 0;
    static final int NO_DIRECTIVE = 1;
    static final int DIRECTIVE_DENY = 2;
    static final int DIRECTIVE_NOT_IN_FORCE = 3;
    static final int LABEL_NOT_PERMITTED = 4;
    static final int REVOKED_OVERLAY = 5;

    /** Full names of the log's records, by event type. */
    static final String[] LOG_RECORDS = {
        "th.saphan.log.Person",
        "th.saphan.log.Encounter",
        "th.saphan.log.Referral",
        "th.saphan.log.ReferralReply",
        "th.saphan.log.Condition",
        "th.saphan.log.Immunisation",
        "th.saphan.log.Maternity",
        "th.saphan.log.Screening",
        "th.saphan.log.Appointment",
        "th.saphan.log.Death",
        "th.saphan.log.Directive",
        "th.saphan.log.Link",
        "th.saphan.log.Retraction",
    };

    private Types() {}
}
