//! Short names of the three-character ICD-10 codes that make up most of out-patient work.
//! Our own wording, not the classification's; a code without a name is shown as it is.

use crate::lang::Lang;

const NAMES: &[(&str, &str, &str)] = &[
    ("A09", "อุจจาระร่วง", "Diarrhoea"),
    ("A15", "วัณโรคปอด", "Tuberculosis of the lung"),
    ("A90", "ไข้เดงกี", "Dengue fever"),
    ("A91", "ไข้เลือดออกเดงกี", "Dengue haemorrhagic fever"),
    ("B20", "ติดเชื้อเอชไอวี", "HIV disease"),
    ("B24", "ติดเชื้อเอชไอวี", "HIV disease, unspecified"),
    ("B34", "ติดเชื้อไวรัส", "Viral infection"),
    ("D50", "โลหิตจางจากขาดธาตุเหล็ก", "Iron deficiency anaemia"),
    ("D56", "ธาลัสซีเมีย", "Thalassaemia"),
    ("E10", "เบาหวานชนิดที่ 1", "Type 1 diabetes"),
    ("E11", "เบาหวานชนิดที่ 2", "Type 2 diabetes"),
    ("E78", "ไขมันในเลือดผิดปกติ", "Disorders of blood lipids"),
    ("F20", "จิตเภท", "Schizophrenia"),
    ("F32", "ภาวะซึมเศร้า", "Depressive episode"),
    ("F41", "ภาวะวิตกกังวล", "Anxiety disorders"),
    ("G44", "ปวดศีรษะ", "Headache syndromes"),
    ("H10", "เยื่อบุตาอักเสบ", "Conjunctivitis"),
    ("H25", "ต้อกระจกในผู้สูงอายุ", "Age-related cataract"),
    ("H66", "หูชั้นกลางอักเสบ", "Middle-ear infection"),
    ("I10", "ความดันโลหิตสูง", "High blood pressure"),
    ("I20", "เจ็บเค้นอก", "Angina"),
    ("I21", "กล้ามเนื้อหัวใจขาดเลือดเฉียบพลัน", "Acute heart attack"),
    ("I25", "หัวใจขาดเลือดเรื้อรัง", "Chronic ischaemic heart disease"),
    ("I50", "หัวใจล้มเหลว", "Heart failure"),
    ("I63", "สมองขาดเลือด", "Stroke by blocked vessel"),
    ("I64", "โรคหลอดเลือดสมอง", "Stroke, unspecified"),
    ("J00", "หวัด", "Common cold"),
    ("J02", "คออักเสบ", "Sore throat"),
    ("J03", "ต่อมทอนซิลอักเสบ", "Tonsillitis"),
    ("J06", "ติดเชื้อทางเดินหายใจส่วนบน", "Upper respiratory infection"),
    ("J10", "ไข้หวัดใหญ่", "Influenza, virus identified"),
    ("J11", "ไข้หวัดใหญ่ ไม่ระบุเชื้อ", "Influenza, virus not identified"),
    ("J18", "ปอดบวม", "Pneumonia"),
    ("J20", "หลอดลมอักเสบเฉียบพลัน", "Acute bronchitis"),
    ("J30", "จมูกอักเสบจากภูมิแพ้", "Allergic rhinitis"),
    ("J44", "ปอดอุดกั้นเรื้อรัง", "Chronic obstructive lung disease"),
    ("J45", "หืด", "Asthma"),
    ("K02", "ฟันผุ", "Tooth decay"),
    ("K04", "โรคเนื้อเยื่อในฟัน", "Disease of tooth pulp"),
    ("K05", "เหงือกอักเสบ", "Gum disease"),
    ("K21", "กรดไหลย้อน", "Reflux disease"),
    ("K29", "กระเพาะอาหารอักเสบ", "Gastritis"),
    ("K30", "อาหารไม่ย่อย", "Indigestion"),
    ("K35", "ไส้ติ่งอักเสบเฉียบพลัน", "Acute appendicitis"),
    ("K52", "ลำไส้อักเสบ", "Gastroenteritis"),
    ("L02", "ฝี", "Skin abscess"),
    ("L03", "เนื้อเยื่ออักเสบ", "Cellulitis"),
    ("L20", "ผื่นภูมิแพ้ผิวหนัง", "Atopic eczema"),
    ("L30", "ผิวหนังอักเสบ", "Dermatitis"),
    ("M10", "เกาต์", "Gout"),
    ("M17", "ข้อเข่าเสื่อม", "Arthrosis of the knee"),
    ("M54", "ปวดหลัง", "Back pain"),
    ("M62", "โรคของกล้ามเนื้อ", "Muscle disorders"),
    ("M79", "ปวดเนื้อเยื่ออ่อน", "Soft-tissue pain"),
    ("N18", "ไตเรื้อรัง", "Chronic kidney disease"),
    ("N20", "นิ่วในไต", "Kidney stone"),
    ("N39", "ติดเชื้อทางเดินปัสสาวะ", "Urinary infection"),
    ("O80", "คลอดปกติ", "Normal birth"),
    ("R05", "ไอ", "Cough"),
    ("R10", "ปวดท้อง", "Abdominal pain"),
    ("R42", "เวียนศีรษะ", "Dizziness"),
    ("R50", "ไข้", "Fever"),
    ("R51", "ปวดศีรษะ", "Headache"),
    ("S01", "แผลที่ศีรษะ", "Open wound of the head"),
    ("S61", "แผลที่มือ", "Open wound of the hand"),
    ("S81", "แผลที่ขา", "Open wound of the leg"),
    ("T14", "บาดเจ็บ ไม่ระบุตำแหน่ง", "Injury, place not given"),
    ("U07", "โควิด-19", "COVID-19"),
    ("Z00", "ตรวจสุขภาพทั่วไป", "General examination"),
    ("Z01", "ตรวจพิเศษ", "Special examination"),
    ("Z23", "รับวัคซีน", "Immunisation"),
    ("Z30", "วางแผนครอบครัว", "Family planning"),
    ("Z34", "ฝากครรภ์", "Antenatal care"),
    ("Z39", "ดูแลหลังคลอด", "Care after birth"),
    ("Z48", "ดูแลแผลหลังผ่าตัด", "Care after surgery"),
];

/// The name of a three-character code, where we have one.
pub fn name(code: &str, lang: Lang) -> Option<&'static str> {
    let index = NAMES.binary_search_by_key(&code, |it| it.0).ok()?;
    let (_, th, en) = NAMES[index];
    Some(lang.pick(th, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_of_three_characters() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(NAMES.iter().all(|it| it.0.len() == 3));
        assert_eq!(name("E11", Lang::En), Some("Type 2 diabetes"));
        assert_eq!(name("X99", Lang::Th), None);
    }
}
