//! The codes of the consent adapter and what the sender is told to do about each.

/// What is wrong. Each code has a page in `docs/errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// SP-1120: not a Consent resource in JSON.
    Resource,
    /// SP-1121: no organization, or another one.
    Organization,
    /// SP-1122: no patient with a right citizen id.
    Patient,
    /// SP-1123: a status or scope that is no standing instruction.
    Status,
    /// SP-1124: no base policy.
    PolicyRule,
    /// SP-1125: an element that cannot be honoured.
    Unsupported,
    /// SP-1126: an unknown code.
    UnknownCode,
    /// SP-1127: not a date or time.
    Date,
    /// SP-1128: too large, too deep, too many.
    Limit,
    /// SP-1129: a performer who may not give consent.
    Performer,
    /// SP-1118: more bad lines than are listed one by one.
    ManyDefects,
}

impl Code {
    /// The stable code, `SP-112x`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resource => "SP-1120",
            Self::Organization => "SP-1121",
            Self::Patient => "SP-1122",
            Self::Status => "SP-1123",
            Self::PolicyRule => "SP-1124",
            Self::Unsupported => "SP-1125",
            Self::UnknownCode => "SP-1126",
            Self::Date => "SP-1127",
            Self::Limit => "SP-1128",
            Self::Performer => "SP-1129",
            Self::ManyDefects => "SP-1118",
        }
    }

    /// What to do, one sentence.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Resource => "Send one FHIR R4 Consent resource in JSON a line, with an id.",
            Self::Organization => {
                "Name the recording facility's code in organization[0].identifier.value; it must be the facility that sends."
            }
            Self::Patient => {
                "Name the patient's citizen id in patient.identifier with system https://terms.sil-th.org/id/th-cid, and check its digits."
            }
            Self::Status => {
                "Send privacy consents of status active, inactive, rejected or entered-in-error; a draft is no instruction yet."
            }
            Self::PolicyRule => "Give policyRule one code, OPTIN or OPTOUT.",
            Self::Unsupported => {
                "Leave the element out or say the same with type, actor, purpose, class, securityLabel, dataPeriod and provision; it cannot be honoured as it is."
            }
            Self::UnknownCode => "Use a code of the list in the connector's README.",
            Self::Date => {
                "Write dates as YYYY-MM-DD and instants with a time zone, in the Gregorian year."
            }
            Self::Limit => {
                "Give at most 200 provisions, nested at most 4 deep, on one line of at most 262,144 bytes."
            }
            Self::Performer => {
                "Name the patient or a RelatedPerson as performer; nobody else may give consent."
            }
            Self::ManyDefects => {
                "More lines are refused than are listed; mend the listed ones and send the file again."
            }
        }
    }
}

/// A code and the JSON path it applies to. No value of the resource is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub code: Code,
    /// Where, such as `provision.provision[0].purpose[1].code`.
    pub path: String,
}

impl Fault {
    /// A fault of the whole line.
    pub const fn root(code: Code) -> Self {
        Self { code, path: String::new() }
    }
}
