//! Reads a process's metrics page.

use anyhow::Result;

use crate::child::Running;

/// A metrics page, in Prometheus' text form.
#[derive(Clone, Debug)]
pub struct Metrics(String);

impl Metrics {
    /// Asks a process.
    pub fn of(process: &Running) -> Result<Self> {
        let mut answer = ureq::get(format!("http://{}/metrics", process.admin())).call()?;
        Ok(Self(answer.body_mut().read_to_string()?))
    }

    /// Sum of a metric over all its labels that contain `labels`, each `name="value"`; 0 if there is none.
    pub fn value(&self, name: &str, labels: &[&str]) -> f64 {
        self.samples(name, labels).map(|it| it.1).sum()
    }

    /// An upper bound of a histogram's quantile since `before`: the limit of the bucket it lies in; infinite
    /// above all, not a number if nothing happened.
    pub fn quantile(&self, before: &Self, histogram: &str, labels: &[&str], share: f64) -> f64 {
        let was = before.buckets(histogram, labels);
        let mut buckets = self.buckets(histogram, labels);
        for (limit, count) in &mut buckets {
            *count -= was.iter().find(|it| it.0 == *limit).map_or(0.0, |it| it.1);
        }
        let all = buckets.last().map_or(0.0, |it| it.1);
        let reached = buckets.iter().find(|it| all > 0.0 && it.1 >= all * share);
        reached.map_or(f64::NAN, |it| it.0)
    }

    /// Limits and counts up to them, ascending.
    fn buckets(&self, histogram: &str, labels: &[&str]) -> Vec<(f64, f64)> {
        let name = format!("{histogram}_bucket");
        let bucket = |(labels, count): (&str, f64)| {
            let (_, limit) = labels.split_once("le=\"")?;
            let limit = limit.split('"').next()?;
            Some((limit.replace("+Inf", "inf").parse().ok()?, count))
        };
        let mut buckets: Vec<(f64, f64)> = self.samples(&name, labels).filter_map(bucket).collect();
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        buckets
    }

    /// Label text and value of each sample.
    fn samples<'m>(&'m self, name: &str, labels: &[&str]) -> impl Iterator<Item = (&'m str, f64)> {
        self.0.lines().filter_map(move |line| {
            let rest = line.strip_prefix(name)?;
            let (found, value) = match rest.strip_prefix('{') {
                Some(rest) => rest.split_once('}')?,
                None => ("", rest.strip_prefix(' ')?),
            };
            let fits = labels.iter().all(|it| found.contains(it));
            Some((found, value.trim().parse().ok()?)).filter(|_| fits)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# HELP a_total Things.\n\
        a_total{role=\"route\"} 3\na_total{role=\"admit\"} 4\na_total_more 9\n\
        h_bucket{stage=\"x\",le=\"0.1\"} 90\nh_bucket{stage=\"x\",le=\"0.5\"} 99\n\
        h_bucket{stage=\"x\",le=\"+Inf\"} 100\n";

    #[test]
    fn samples_are_found_by_name_and_label() {
        let page = Metrics(PAGE.to_owned());
        assert_eq!(page.value("a_total", &[]), 7.0);
        assert_eq!(page.value("a_total", &["role=\"route\""]), 3.0);
        assert_eq!(page.value("b_total", &[]), 0.0);
    }

    #[test]
    fn a_quantile_is_the_limit_of_its_bucket() {
        let (page, nothing) = (Metrics(PAGE.to_owned()), Metrics(String::new()));
        assert_eq!(page.quantile(&nothing, "h", &["stage=\"x\""], 0.9), 0.1);
        assert_eq!(page.quantile(&nothing, "h", &[], 0.99), 0.5);
        assert_eq!(page.quantile(&nothing, "h", &[], 1.0), f64::INFINITY);
        assert!(page.quantile(&nothing, "other", &[], 0.5).is_nan());
        assert!(page.quantile(&page, "h", &[], 0.5).is_nan());
        let before = Metrics("h_bucket{stage=\"x\",le=\"0.1\"} 90\n".to_owned());
        assert_eq!(page.quantile(&before, "h", &[], 0.5), 0.5);
    }
}
