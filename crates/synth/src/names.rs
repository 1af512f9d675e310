//! Names nobody has: syllables put together at random, surnames ending in "made up".

use crate::random::Random;

const SYLLABLES: &[&str] = &[
    "กา", "มี", "โล", "ปู", "ทอ", "นา", "วี", "เซ", "รู", "ตา", "บู", "พิ", "ลา", "โม", "ชู", "เด", "สา",
    "ยู", "โก", "ไล",
];

/// A given name of three syllables.
pub fn given(random: &mut Random) -> String {
    (0..3).map(|_| random.pick(SYLLABLES)).collect()
}

/// A family name: three syllables and สมมุติ, "made up".
pub fn family(random: &mut Random) -> String {
    let mut name: String = (0..3).map(|_| random.pick(SYLLABLES)).collect();
    name.push_str("สมมุติ");
    name
}

/// A place: two syllables.
pub fn place(random: &mut Random) -> String {
    (0..2).map(|_| random.pick(SYLLABLES)).collect()
}

/// The same sounds in Latin letters, for names of places.
pub fn latin(thai: &str) -> String {
    const LATIN: &[&str] = &[
        "ka", "mi", "lo", "pu", "tho", "na", "wi", "se", "ru", "ta", "bu", "phi", "la", "mo",
        "chu", "de", "sa", "yu", "ko", "lai",
    ];
    let mut rest = thai;
    let mut out = String::new();
    while !rest.is_empty() {
        let Some(at) = SYLLABLES.iter().position(|it| rest.starts_with(it)) else { break };
        rest = &rest[SYLLABLES[at].len()..];
        out.push_str(LATIN[at]);
    }
    if let Some(first) = out.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    out
}

/// What people complain of.
pub const COMPLAINTS: &[&str] = &[
    "ไข้ ไอ มีน้ำมูก 2 วัน",
    "ปวดท้อง 1 วัน",
    "ปวดหลังเรื้อรัง",
    "เวียนศีรษะ คลื่นไส้",
    "ถ่ายเหลว 3 ครั้ง",
    "ผื่นคันตามตัว",
    "ปวดเข่า เดินลำบาก",
    "เจ็บคอ กลืนเจ็บ",
    "ปวดฟัน",
    "อ่อนเพลีย เบื่ออาหาร",
    "ตรวจตามนัด",
    "ขอรับบริการสร้างเสริมสุขภาพ",
];

#[cfg(test)]
mod tests {
    #[test]
    fn latin_spells_the_thai_syllables() {
        assert_eq!(super::latin("กามี"), "Kami");
        assert_eq!(super::latin(""), "");
    }
}
