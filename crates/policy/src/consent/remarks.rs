//! What a person who records a directive should be told before it is sent: it is lawful and will be
//! honoured, but perhaps it does not say what was meant.
//!
//! Follows the rules of [`crate::consent`]; knows one directive, and neither agencies nor contracts.

use std::fmt;

use saphan_model::Timestamp;
use saphan_model::directive::{Directive, Effect, Provision};

use crate::reason::Lang;

/// The place of a rule: 1-based, one number for each level. `2.1` is the first exception of the second.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RulePath(Vec<usize>);

impl fmt::Display for RulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (level, number) in self.0.iter().enumerate() {
            let dot = if level == 0 { "" } else { "." };
            write!(f, "{dot}{number}")?;
        }
        Ok(())
    }
}

impl RulePath {
    /// The numbers, from the outermost level.
    pub fn numbers(&self) -> &[usize] {
        &self.0
    }

    fn below(&self, index: usize) -> Self {
        let mut path = self.0.clone();
        path.push(index + 1);
        Self(path)
    }
}

/// One thing worth a second look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// It ends before it begins.
    NeverInForce,
    /// Its validity is over.
    Ended,
    /// A permission without any exception: everybody who may ask.
    PermitsAll,
    /// A refusal without any exception.
    DeniesAll,
    /// The rule's period of data ends before it begins: it reaches nothing.
    EmptyPeriod(RulePath),
    /// The rule says what holds around it anyway, and stands against no other rule of the directive.
    ChangesNothing(RulePath),
    /// Two rules of one level say the opposite of exactly the same: the refusal (second) wins.
    Contradicts(RulePath, RulePath),
    /// Two equally specific rules of one level say the opposite where both reach: there the refusal
    /// (second) wins.
    Overlaps(RulePath, RulePath),
    /// A permission that names no sensitive category: it reaches no sensitive event.
    NotSensitive(RulePath),
}

/// Everything worth telling about a directive as of an instant, general things first, then rule by rule.
pub fn remarks(directive: &Directive, now: Timestamp) -> Vec<Remark> {
    if !directive.active {
        return Vec::new(); // a withdrawal says nothing else
    }
    let mut found = Vec::new();
    match (directive.valid_from, directive.valid_until) {
        (Some(from), Some(until)) if until <= from => found.push(Remark::NeverInForce),
        (_, Some(until)) if until <= now => found.push(Remark::Ended),
        _ => {}
    }
    if directive.provisions.is_empty() {
        found.push(match directive.base {
            Effect::Permit => Remark::PermitsAll,
            Effect::Deny => Remark::DeniesAll,
        });
    }
    let mut look = Look { all: Vec::new(), found };
    flatten(&directive.provisions, &mut look.all);
    look.level(&directive.provisions, directive.base, &RulePath(Vec::new()));
    look.found
}

fn flatten<'d>(rules: &'d [Provision], all: &mut Vec<&'d Provision>) {
    for rule in rules {
        all.push(rule);
        flatten(&rule.exceptions, all);
    }
}

struct Look<'d> {
    /// Every rule, of every level.
    all: Vec<&'d Provision>,
    found: Vec<Remark>,
}

impl Look<'_> {
    fn level(&mut self, rules: &[Provision], around: Effect, path: &RulePath) {
        for (index, rule) in rules.iter().enumerate() {
            let here = path.below(index);
            if is_empty_period(rule) {
                self.found.push(Remark::EmptyPeriod(here));
                continue;
            }
            if self.changes_nothing(rule, around) {
                self.found.push(Remark::ChangesNothing(here.clone()));
            } else if rule.effect == Effect::Permit && rule.labels.is_empty() {
                self.found.push(Remark::NotSensitive(here.clone()));
            }
            for (other, before) in rules[..index].iter().enumerate() {
                self.found.extend(against(before, rule, &path.below(other), &here));
            }
            self.level(&rule.exceptions, rule.effect, &here);
        }
    }

    /// Naming labels is never idle: what is around it does not reach labelled events.
    fn changes_nothing(&self, rule: &Provision, around: Effect) -> bool {
        let idle = rule.effect == around && rule.exceptions.is_empty() && rule.labels.is_empty();
        idle && !self.all.iter().any(|it| it.effect != rule.effect && meet(it, rule))
    }
}

fn is_empty_period(rule: &Provision) -> bool {
    rule.data_from.zip(rule.data_until).is_some_and(|(from, until)| until < from)
}

/// What two rules of one level have against each other.
fn against(a: &Provision, b: &Provision, at: &RulePath, bt: &RulePath) -> Option<Remark> {
    if a.effect == b.effect || is_empty_period(a) {
        return None;
    }
    let (permit, deny) = match a.effect {
        Effect::Permit => (at.clone(), bt.clone()),
        Effect::Deny => (bt.clone(), at.clone()),
    };
    if same_reach(a, b) {
        return Some(Remark::Contradicts(permit, deny));
    }
    (named(a) == named(b) && meet(a, b)).then_some(Remark::Overlaps(permit, deny))
}

fn same_reach(a: &Provision, b: &Provision) -> bool {
    same(&a.recipients, &b.recipients)
        && same(&a.purposes, &b.purposes)
        && same(&a.types, &b.types)
        && same(&a.facilities, &b.facilities)
        && a.labels == b.labels
        && (a.data_from, a.data_until) == (b.data_from, b.data_until)
}

fn same<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    a.iter().all(|it| b.contains(it)) && b.iter().all(|it| a.contains(it))
}

/// How many dimensions a rule names: of two on one level, more is more specific.
fn named(it: &Provision) -> usize {
    [
        !it.recipients.is_empty(),
        !it.purposes.is_empty(),
        !it.types.is_empty(),
        !it.labels.is_empty(),
        !it.facilities.is_empty(),
        it.data_from.is_some() || it.data_until.is_some(),
    ]
    .into_iter()
    .filter(|it| *it)
    .count()
}

/// Is there an event both reach?
fn meet(a: &Provision, b: &Provision) -> bool {
    let days = |it: &Provision| (it.data_from, it.data_until);
    let ((from, until), (others_from, others_until)) = (days(a), days(b));
    any(&a.recipients, &b.recipients)
        && any(&a.purposes, &b.purposes)
        && any(&a.types, &b.types)
        && any(&a.facilities, &b.facilities)
        && (a.labels.is_empty() || b.labels.is_empty() || a.labels.meets(b.labels))
        && from.zip(others_until).is_none_or(|(from, until)| from <= until)
        && others_from.zip(until).is_none_or(|(from, until)| from <= until)
}

fn any<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    a.is_empty() || b.is_empty() || a.iter().any(|it| b.contains(it))
}

impl Remark {
    /// Does it say that the directive contradicts itself, or has no effect somewhere? Whoever sends it is
    /// told without asking.
    pub fn is_doubtful(&self) -> bool {
        match self {
            Self::NeverInForce
            | Self::EmptyPeriod(_)
            | Self::ChangesNothing(_)
            | Self::Contradicts(..)
            | Self::Overlaps(..) => true,
            Self::Ended | Self::PermitsAll | Self::DeniesAll | Self::NotSensitive(_) => false,
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match lang {
            Lang::Th => self.thai(),
            Lang::En => self.english(),
        }
    }

    fn thai(&self) -> String {
        match self {
            Self::NeverInForce => {
                "วันสิ้นสุดมาก่อนวันเริ่ม ความยินยอมนี้จึงไม่มีผลในเวลาใดเลย โปรดตรวจวันที่".to_owned()
            }
            Self::Ended => "ความยินยอมนี้หมดอายุแล้ว จึงไม่มีผล".to_owned(),
            Self::PermitsAll => {
                "อนุญาตทุกหน่วยงานที่ขอความยินยอม ทุกวัตถุประสงค์ ยกเว้นข้อมูลอ่อนไหว โปรดถามผู้ป่วยว่าหมายความเช่นนั้นหรือไม่"
                    .to_owned()
            }
            Self::DeniesAll => {
                "ไม่อนุญาตหน่วยงานใดเลยที่ต้องขอความยินยอม แต่ไม่ถอนความยินยอมฉบับอื่น สิ่งที่ฉบับอื่นระบุอนุญาตไว้ยังคงอนุญาตจนกว่าจะถอนฉบับนั้น ส่วนการส่งตามกฎหมายยังเป็นไปตามเดิม"
                    .to_owned()
            }
            Self::EmptyPeriod(at) => {
                format!("ข้อ {at}: ช่วงเวลาของข้อมูลสิ้นสุดก่อนเริ่ม ข้อนี้จึงไม่ครอบคลุมข้อมูลใด โปรดตรวจวันที่")
            }
            Self::ChangesNothing(at) => {
                format!("ข้อ {at}: กล่าวซ้ำกับสิ่งที่เป็นอยู่แล้ว จึงไม่เปลี่ยนแปลงอะไร")
            }
            Self::Contradicts(permit, deny) => format!(
                "ข้อ {permit} อนุญาต แต่ข้อ {deny} ไม่อนุญาตเรื่องเดียวกัน ระบบถือตามข้อที่ไม่อนุญาต โปรดเลือกข้อใดข้อหนึ่ง"
            ),
            Self::Overlaps(permit, deny) => format!(
                "ข้อ {permit} อนุญาต และข้อ {deny} ไม่อนุญาต ซ้อนทับกันบางส่วน ส่วนที่ซ้อนทับถือตามข้อที่ไม่อนุญาต"
            ),
            Self::NotSensitive(at) => format!(
                "ข้อ {at}: อนุญาตโดยไม่ระบุข้อมูลอ่อนไหว (เช่น เอชไอวี สุขภาพจิต) ข้อมูลอ่อนไหวจึงไม่ถูกส่ง"
            ),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::NeverInForce => {
                "It ends before it begins, so it is never in force: check the dates.".to_owned()
            }
            Self::Ended => "Its validity is over: it has no effect.".to_owned(),
            Self::PermitsAll => {
                "It permits every agency that asks for consent, for every purpose, sensitive \
                 information aside: ask the patient whether that is meant."
                    .to_owned()
            }
            Self::DeniesAll => {
                "It permits no agency that needs consent, but takes back no other directive: what another \
                 one permits by name stays permitted until that is withdrawn. What the law orders is sent \
                 as before."
                    .to_owned()
            }
            Self::EmptyPeriod(at) => format!(
                "Rule {at}: its period of data ends before it begins, so it reaches nothing: check \
                 the dates."
            ),
            Self::ChangesNothing(at) => {
                format!("Rule {at} says what holds anyway and changes nothing.")
            }
            Self::Contradicts(permit, deny) => format!(
                "Rule {permit} permits exactly what rule {deny} denies; the refusal holds: keep one \
                 of them."
            ),
            Self::Overlaps(permit, deny) => format!(
                "Rule {permit} permits and rule {deny} denies part of the same; where both apply the \
                 refusal holds."
            ),
            Self::NotSensitive(at) => format!(
                "Rule {at} permits without naming a sensitive category (such as HIV or mental \
                 health), so nothing sensitive is sent."
            ),
        }
    }
}
