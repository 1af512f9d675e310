//! What the coordinator says of a group, and what nobody in it owns. Pure.
//!
//! Under the cooperative protocol a partition that moves is owned by nobody between two rebalances: its old
//! owner gives it up after the first and then asks for the second. A static member that dies in between
//! takes its place again in the first one's assignment, without a rebalance, and nobody asks any more.

use std::collections::BTreeSet;

use super::Place;

/// A member as the coordinator describes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Described {
    pub client_id: String,
    pub owned: Vec<Place>,
}

/// Those of `all` that no member owns.
pub(super) fn unowned(all: &BTreeSet<Place>, members: &[Described]) -> BTreeSet<Place> {
    let owned: BTreeSet<&Place> = members.iter().flat_map(|it| &it.owned).collect();
    all.iter().filter(|it| !owned.contains(it)).cloned().collect()
}

/// The one member that acts for all: the one that would get the most and has the least to give up.
pub(super) fn least_loaded(members: &[Described]) -> Option<&str> {
    let least = members.iter().min_by_key(|it| (it.owned.len(), &it.client_id));
    least.map(|it| it.client_id.as_str())
}

/// Reads a `ConsumerProtocolAssignment`; `None` where the bytes are none.
pub(super) fn read_assignment(mut bytes: &[u8]) -> Option<Vec<Place>> {
    let mut places = Vec::new();
    if bytes.is_empty() {
        return Some(places); // not synchronised yet
    }
    let rest = &mut bytes;
    let _version = take::<2>(rest)?;
    for _ in 0..i32::from_be_bytes(take(rest)?) {
        let topic = text(rest)?;
        for _ in 0..i32::from_be_bytes(take(rest)?) {
            let partition = i32::from_be_bytes(take(rest)?);
            places.push(Place { topic: topic.to_owned(), partition });
        }
    }
    Some(places)
}

fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::try_from(i16::from_be_bytes(take(rest)?)).ok()?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    std::str::from_utf8(text).ok()
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(partitions: impl IntoIterator<Item = i32>) -> Vec<Place> {
        partitions.into_iter().map(|it| Place { topic: "log".to_owned(), partition: it }).collect()
    }

    fn member(client_id: &str, partitions: std::ops::Range<i32>) -> Described {
        Described { client_id: client_id.to_owned(), owned: places(partitions) }
    }

    #[test]
    fn what_was_given_up_and_never_taken_is_unowned() {
        let all: BTreeSet<Place> = places(0..8).into_iter().collect();
        let stranded = [member("route-0", 4..8), member("route-1", 0..0)];
        assert_eq!(unowned(&all, &stranded), places(0..4).into_iter().collect());
        assert_eq!(least_loaded(&stranded), Some("route-1"));
        let whole = [member("route-0", 4..8), member("route-1", 0..4)];
        assert!(unowned(&all, &whole).is_empty());
        assert_eq!(least_loaded(&whole), Some("route-0"), "one of two with as many");
        assert_eq!(least_loaded(&[]), None);
    }

    #[test]
    fn an_assignment_is_read_as_java_and_librdkafka_write_it() {
        let mut bytes = vec![0, 1, 0, 0, 0, 1, 0, 3];
        bytes.extend(b"log");
        bytes.extend([0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 0]);
        assert_eq!(read_assignment(&bytes), Some(places([4, 5])));
        assert_eq!(read_assignment(&[]), Some(Vec::new()));
        assert_eq!(read_assignment(&[0, 1, 0, 0, 0, 0]), Some(Vec::new()));
        for end in 1..bytes.len() - 4 {
            assert_eq!(read_assignment(&bytes[..end]), None, "cut after {end} bytes");
        }
        assert_eq!(read_assignment(&[0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0]), None);
    }
}
