//! Each reason for withholding, said to the citizen and to the agency.

use saphan_model::decision::WithholdReason;

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Thai.
    Th,
    /// English.
    En,
}

/// What the citizen's page says.
pub const fn citizen_sentence(reason: WithholdReason, lang: Lang) -> &'static str {
    use WithholdReason as R;
    match (reason, lang) {
        (R::LabelCeiling, Lang::Th) => "ไม่ได้ส่ง เพราะเป็นข้อมูลอ่อนไหวที่หน่วยงานนี้ไม่มีสิทธิ์ได้รับ ไม่ว่ากรณีใด",
        (R::LabelCeiling, Lang::En) => {
            "Not sent: it is sensitive information that this agency may never receive."
        }
        (R::NoDirective, Lang::Th) => "ไม่ได้ส่ง เพราะต้องได้รับความยินยอมจากท่านก่อน และท่านยังไม่เคยให้ไว้",
        (R::NoDirective, Lang::En) => {
            "Not sent: your consent is needed first, and you have not given any."
        }
        (R::DirectiveDeny, Lang::Th) => "ไม่ได้ส่ง เพราะคำสั่งเรื่องความยินยอมของท่านไม่อนุญาต",
        (R::DirectiveDeny, Lang::En) => "Not sent: your consent directive does not allow it.",
        (R::DirectiveNotInForce, Lang::Th) => {
            "ไม่ได้ส่ง เพราะความยินยอมของท่านถูกถอน หมดอายุ หรือยังไม่เริ่มมีผล"
        }
        (R::DirectiveNotInForce, Lang::En) => {
            "Not sent: your consent was withdrawn, has expired, or has not begun yet."
        }
        (R::LabelNotPermitted, Lang::Th) => {
            "ไม่ได้ส่ง เพราะเป็นข้อมูลอ่อนไหวที่ความยินยอมของท่านไม่ได้ระบุไว้โดยตรง"
        }
        (R::LabelNotPermitted, Lang::En) => {
            "Not sent: it is sensitive information that your consent does not name."
        }
        (R::RevokedOverlay, Lang::Th) => "ไม่ได้ส่ง เพราะท่านถอนความยินยอมก่อนที่ข้อมูลจะถูกส่งออกไป",
        (R::RevokedOverlay, Lang::En) => {
            "Not sent: you withdrew your consent before the information was sent."
        }
        (R::Unreadable, Lang::Th) => {
            "ไม่ได้ส่ง เพราะระบบอ่านคำสั่งเรื่องความยินยอมของท่านไม่ได้ครบถ้วน จึงไม่ส่งไว้ก่อน โปรดติดต่อหน่วยบริการ"
        }
        (R::Unreadable, Lang::En) => {
            "Not sent: your consent could not be read in full, so nothing was sent. Please ask your \
             health facility."
        }
    }
}

/// What an agency's page says. It must not tell more about the patient than that nothing came.
pub const fn agency_sentence(reason: WithholdReason, lang: Lang) -> &'static str {
    use WithholdReason as R;
    match (reason, lang) {
        (R::LabelCeiling, Lang::Th) => "สัญญาของหน่วยงานไม่ครอบคลุมข้อมูลนี้",
        (R::LabelCeiling, Lang::En) => "The contract does not cover this information.",
        (R::NoDirective, Lang::Th) => "ยังไม่มีความยินยอมของผู้ป่วย",
        (R::NoDirective, Lang::En) => "There is no consent of the patient.",
        (R::DirectiveDeny, Lang::Th) => "ผู้ป่วยไม่อนุญาต",
        (R::DirectiveDeny, Lang::En) => "The patient does not allow it.",
        (R::DirectiveNotInForce, Lang::Th) => "ความยินยอมของผู้ป่วยไม่มีผลในขณะนั้น",
        (R::DirectiveNotInForce, Lang::En) => "The patient's consent was not in force.",
        (R::LabelNotPermitted, Lang::Th) => "ความยินยอมของผู้ป่วยไม่ครอบคลุมข้อมูลนี้",
        (R::LabelNotPermitted, Lang::En) => {
            "The patient's consent does not cover this information."
        }
        (R::RevokedOverlay, Lang::Th) => "ผู้ป่วยถอนความยินยอมก่อนส่งข้อมูล",
        (R::RevokedOverlay, Lang::En) => "The patient withdrew consent before it was sent.",
        (R::Unreadable, Lang::Th) => "ระบบตัดสินไม่ได้ จึงไม่ส่งข้อมูล ผู้ดูแลระบบกำลังตรวจสอบ",
        (R::Unreadable, Lang::En) => {
            "The platform could not decide and sent nothing; its operators look into it."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_sentence_in_both_languages() {
        for say in [citizen_sentence, agency_sentence] {
            for lang in [Lang::Th, Lang::En] {
                let sentences: std::collections::HashSet<_> =
                    WithholdReason::ALL.iter().map(|it| say(*it, lang)).collect();
                assert_eq!(sentences.len(), WithholdReason::ALL.len());
                for sentence in sentences {
                    let thai = sentence.chars().any(|it| ('\u{e00}'..='\u{e7f}').contains(&it));
                    assert_eq!(thai, lang == Lang::Th, "{sentence}");
                }
            }
        }
    }
}
