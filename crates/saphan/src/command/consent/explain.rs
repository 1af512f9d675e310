//! `saphan consent explain`: what the directives of a document say, and what of it is worth a second look,
//! before anything is sent. Names nobody: directives are told by line and id.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use saphan_adapters::fhir_consent;
use saphan_model::directive::{Directive, Effect, Provision};
use saphan_model::{Body, Content, Submission};
use saphan_ops::config::Config;
use saphan_policy::consent::remarks;
use saphan_policy::reason::Lang;
use saphan_topology::Topology;

use crate::cli::ConsentExplain;
use crate::{output, setup};

const LANGUAGES: [Lang; 2] = [Lang::Th, Lang::En];

/// Explains every document. Without a readable topology agencies are not checked.
pub fn run(options: &ConsentExplain, config: &Config) -> Result<()> {
    let topology = setup::topology(config).ok();
    if topology.is_none() {
        output::progress(&"no topology is here to check the names of agencies against");
    }
    let long_codes = topology.as_ref().map(|it| it.facilities.long_codes()).unwrap_or_default();
    let read = fhir_consent::Options { long_codes, ..fhir_consent::Options::default() };
    for path in &options.paths {
        let mut sink = |submission: Submission| {
            tell(&submission, topology.as_ref());
            Ok(())
        };
        fhir_consent::read(path, &read, &mut sink).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn tell(submission: &Submission, topology: Option<&Topology>) {
    let line = submission.provenance.line;
    match &submission.content {
        Content::Put(Body::Directive(directive)) => {
            output::line(&format_args!("line {line}: directive {}", directive.directive_id));
            for sentence in sentences(directive, topology) {
                output::line(&format_args!("  {sentence}"));
            }
        }
        Content::Defect(it) => {
            output::line(&format_args!("line {line}: {} {}: {}", it.code, it.column, it.remedy));
        }
        Content::Put(_) | Content::Retract(_) => {
            output::line(&format_args!(
                "line {line}: entered in error: the directive is taken back"
            ));
        }
    }
}

fn sentences(directive: &Directive, topology: Option<&Topology>) -> Vec<String> {
    let mut all: Vec<String> = LANGUAGES.iter().map(|it| base(directive, *it).to_owned()).collect();
    for remark in remarks(directive, setup::now()) {
        all.extend(LANGUAGES.iter().map(|it| remark.sentence(*it)));
    }
    if let Some(topology) = topology {
        let mut named = BTreeSet::new();
        recipients(&directive.provisions, &mut named);
        for id in named.into_iter().filter(|it| topology.routes().index_of(it).is_none()) {
            all.push(format!("ไม่มีหน่วยงานชื่อ {id} ในระบบ โปรดตรวจการสะกด"));
            all.push(format!("There is no agency {id}: check the spelling."));
        }
    }
    all
}

fn recipients<'d>(rules: &'d [Provision], named: &mut BTreeSet<&'d str>) {
    for rule in rules {
        named.extend(rule.recipients.iter().map(String::as_str));
        recipients(&rule.exceptions, named);
    }
}

fn base(directive: &Directive, lang: Lang) -> &'static str {
    match (directive.active, directive.base, lang) {
        (false, _, Lang::Th) => "ถอนความยินยอมแล้ว",
        (false, _, Lang::En) => "Withdrawn.",
        (true, Effect::Permit, Lang::Th) => "อนุญาต เว้นแต่ข้อที่ระบุไว้",
        (true, Effect::Permit, Lang::En) => "Permits, but for the rules in it.",
        (true, Effect::Deny, Lang::Th) => "ไม่อนุญาต เว้นแต่ข้อที่ระบุไว้",
        (true, Effect::Deny, Lang::En) => "Denies, but for the rules in it.",
    }
}
