//! Trees and proofs, against the reference of RFC 6962, against another implementation, and for notes
//! against what other tools sign.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use proptest::prelude::*;
use saphan_kafka::{Header, Headers, Record};
use saphan_proof::checkpoint::path::{Gather, consistency, inclusion};
use saphan_proof::checkpoint::tree::{Tree, leaf_hash};
use saphan_proof::checkpoint::{Signer, Verifier, leaf};
use sha2::Sha256;

/// Leaves of the reference tree of Certificate Transparency.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

/// Its root at each size.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn leaves(size: usize) -> Vec<Vec<u8>> {
    LEAVES[..size].iter().map(|it| hex::decode(it).expect("hexadecimal")).collect()
}

fn gather(ranges: Vec<std::ops::Range<u64>>, leaves: &[Vec<u8>]) -> Vec<[u8; 32]> {
    let mut gather = Gather::new(ranges);
    leaves.iter().for_each(|it| gather.push(leaf_hash(it)));
    gather.finish()
}

fn tree(leaves: &[Vec<u8>]) -> Tree {
    let mut tree = Tree::default();
    leaves.iter().for_each(|it| tree.push(leaf_hash(it)));
    tree
}

#[test]
fn roots_are_those_of_the_reference() {
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(hex::encode(tree(&leaves(size)).root()), *root, "{size} leaves");
    }
}

#[test]
fn inclusion_proofs_are_those_of_the_reference() {
    let vectors: [(u64, usize, &[&str]); 5] = [
        (0, 1, &[]),
        (1, 2, &[ROOTS[1]]),
        (2, 3, &[ROOTS[2]]),
        (
            0,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                ROOTS[4],
            ],
        ),
    ];
    for (index, size, expected) in vectors {
        let found = gather(inclusion(index, size as u64), &leaves(size));
        assert_eq!(found.iter().map(hex::encode).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn consistency_proofs_are_those_of_the_reference() {
    let vectors: [(u64, usize, &[&str]); 5] = [
        (0, 5, &[]),
        (1, 1, &[]),
        (
            1,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            2,
            5,
            &[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
        (
            6,
            8,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                ROOTS[4],
            ],
        ),
    ];
    for (old, size, expected) in vectors {
        let found = gather(consistency(old, size as u64), &leaves(size));
        assert_eq!(found.iter().map(hex::encode).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn another_implementation_has_the_same_roots_and_takes_every_proof() {
    let all: Vec<Vec<u8>> = (0..70u8).map(|it| vec![it; usize::from(it % 5)]).collect();
    let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for size in 1..=all.len() {
        theirs.push(all[size - 1].clone());
        let (leaves, root) = (&all[..size], tree(&all[..size]).root());
        assert_eq!(theirs.root().as_bytes()[..], root, "{size} leaves");
        let root = RootHash::<Sha256>::new(root.into(), size as u64);
        for (index, leaf) in leaves.iter().enumerate() {
            let found = gather(inclusion(index as u64, size as u64), leaves).concat();
            let proof = InclusionProof::try_from_bytes(found).expect("whole hashes");
            root.verify_inclusion(leaf, index as u64, &proof).expect("it is in the tree");
        }
        for old in 1..=size {
            let found = gather(consistency(old as u64, size as u64), leaves).concat();
            let proof = ConsistencyProof::try_from_bytes(found).expect("whole hashes");
            let before = RootHash::<Sha256>::new(tree(&all[..old]).root().into(), old as u64);
            root.verify_consistency(&before, &proof).expect("it is its beginning");
        }
    }
}

proptest! {
    #[test]
    fn a_tree_goes_on_from_its_peaks(size in 0..200usize, more in 0..100usize) {
        let all: Vec<Vec<u8>> = (0..size + more).map(|it| it.to_be_bytes().to_vec()).collect();
        let before = tree(&all[..size]);
        let mut again = Tree::from_peaks(before.size(), before.peaks().to_vec()).expect("sound");
        prop_assert_eq!(&again, &before);
        all[size..].iter().for_each(|it| again.push(leaf_hash(it)));
        prop_assert_eq!(again, tree(&all));
    }

    #[test]
    fn different_records_have_different_leaves_and_each_is_read_back(a in record(), b in record()) {
        let (of_a, of_b) = (encode(&a), encode(&b));
        prop_assert_eq!(a == b, of_a == of_b);
        let read = leaf::decode(&of_a).expect("its own form");
        let told = (read.offset, read.append_time_ms, read.key, read.value);
        prop_assert_eq!(told, (a.0, a.1, a.2.as_deref(), a.3.as_deref()));
        for end in 0..of_a.len() {
            prop_assert!(leaf::decode(&of_a[..end]).is_none());
        }
    }

    #[test]
    fn hostile_bytes_are_no_leaf_or_one(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        leaf::decode(&bytes);
        leaf::decode(&[&[1], &bytes[..]].concat());
    }

    #[test]
    fn a_note_with_any_byte_changed_is_not_opened(at in 0..150usize, to in any::<u8>()) {
        let signer = Signer::from_seed("health.example/decisions", &[7; 32]).expect("a name");
        let verifier = signer.verifier();
        let note = signer.sign(3, &[9; 32]);
        prop_assert!(verifier.checkpoint(&note).is_some());
        let mut bytes = note.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] = to;
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(changed == note || verifier.checkpoint(&changed).is_none());
        }
    }
}

type Parts = (i64, i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(String, Vec<u8>)>);

fn record() -> impl Strategy<Value = Parts> {
    let bytes = || prop::option::of(prop::collection::vec(0..3u8, 0..3));
    let headers = prop::collection::vec(("[ab]{0,2}", prop::collection::vec(0..2u8, 0..2)), 0..3);
    (0..3i64, 0..3i64, bytes(), bytes(), headers)
}

fn encode((offset, append_time_ms, key, value, headers): &Parts) -> Vec<u8> {
    let headers: Vec<_> =
        headers.iter().map(|it| Header::new(it.0.clone(), it.1.clone())).collect();
    leaf::encode(&Record {
        topic: "t",
        partition: 0,
        offset: *offset,
        append_time_ms: *append_time_ms,
        key: key.as_deref(),
        headers: Headers::Slice(&headers),
        value: value.as_deref(),
    })
}

/// From the tests of Go's `sumdb/note`.
#[test]
fn a_note_of_another_tool_is_opened() {
    let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n";
    let note = format!(
        "{text}\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg\
         KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    );
    let verifier = Verifier::from_text(key).expect("a key");
    assert_eq!(verifier.to_text(), key);
    assert_eq!(verifier.open(&note), Some(text));
    assert_eq!(verifier.checkpoint(&note), None, "it is no checkpoint");
}

#[test]
fn keys_are_read_back_and_strange_ones_refused() {
    let signer = Signer::from_seed("health.example/decisions", &[7; 32]).expect("a name");
    let again = Signer::from_text(&format!("{}\n", signer.to_text())).expect("its own text");
    assert_eq!(again.verifier(), signer.verifier());
    let public = signer.verifier().to_text();
    assert_eq!(Verifier::from_text(&public), Ok(signer.verifier()));
    for wrong in ["", "a b", "a+b", "a\nb"] {
        assert!(Signer::from_seed(wrong, &[7; 32]).is_err(), "{wrong:?}");
    }
    assert!(Verifier::from_text(&public.replace("health", "wealth")).is_err(), "another id");
    assert!(Verifier::from_text(&signer.to_text()).is_err(), "a private key is not for everybody");
    assert!(Signer::from_text(&public).is_err());
}

#[test]
fn signatures_of_witnesses_are_passed_over_and_one_key_is_enough() {
    let ours = Signer::from_seed("health.example/decisions", &[7; 32]).expect("a name");
    let other = Signer::from_seed("health.example/decisions", &[8; 32]).expect("a name");
    let (note, cosigned) = (ours.sign(1, &[1; 32]), other.sign(1, &[1; 32]));
    let line = cosigned.lines().last().expect("a signature");
    let both = format!("{note}{line}\n");
    for signer in [&ours, &other] {
        assert!(signer.verifier().checkpoint(&both).is_some());
    }
    assert!(other.verifier().checkpoint(&note).is_none());
}
