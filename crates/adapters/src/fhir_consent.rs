//! FHIR R4 Consent resources, one a line.
