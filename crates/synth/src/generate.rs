//! Makes a feed and its truth: decide, write, replay.

use std::path::Path;

use crate::canary;
use crate::consent::{self, Recorded};
use crate::error::SynthError;
use crate::feed::{FeedFile, Order};
use crate::options::Options;
use crate::oracle::{Owner, Site, replay};
use crate::plan::Plan;
use crate::random::{Random, Stream};
use crate::truth::{Totals, Truth, save};
use crate::world::{Facility, Identity, World};
use crate::write;

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Facilities.
    pub facilities: usize,
    /// People.
    pub people: usize,
    /// Out-patient visits.
    pub visits: usize,
    /// Referrals.
    pub referrals: usize,
    /// People with a directive.
    pub directives: usize,
    /// Consent files.
    pub consent_files: usize,
    /// Zips.
    pub zips: usize,
    /// Submissions of the feed applied once, in forward order.
    pub totals: Totals,
}

/// Makes everything under `options.out`. `progress` hears a sentence now and then.
pub fn generate(options: &Options, progress: &mut dyn FnMut(&str)) -> Result<Summary, SynthError> {
    let Made { world, plan, files, .. } = make(options, progress)?;
    progress("working out what must be true");
    let totals = truths(options, &world, &plan, &files)?;
    Ok(Summary {
        facilities: world.facilities.len(),
        people: world.people.persons.len(),
        visits: plan.visits.len(),
        referrals: plan.referrals.len(),
        directives: options.directives as usize,
        consent_files: files.iter().filter(|it| it.phase % 2 == 1).count(),
        zips: plan.zips.len(),
        totals,
    })
}

/// A feed, written and remembered.
pub struct Made {
    pub world: World,
    pub plan: Plan,
    /// In forward order.
    pub files: Vec<FeedFile>,
    /// The directives of phase 1.
    pub first: Vec<Recorded>,
}

/// Decides and writes everything but the truth.
pub fn make(options: &Options, progress: &mut dyn FnMut(&str)) -> Result<Made, SynthError> {
    options.check()?;
    let out = options.out.as_path();
    make_room(out)?;
    progress("deciding who goes where and why");
    let mut world = World::new(options);
    let plan = Plan::new(options, &mut world);
    facilities(out, &world)?;
    let feed = out.join("feed");
    let folder = |phase: u8| feed.join(write::phase_folder(phase));
    let (first, second) = consent::make(options, &world);
    let mut files = write::consents(&folder(1), &world, 1, first.clone())?;
    progress(&format!("writing {} zips of 43 files", plan.zips.len()));
    clinical(&feed, &world, &plan, 2, &mut files)?;
    files.extend(write::consents(&folder(3), &world, 3, second)?);
    clinical(&feed, &world, &plan, 4, &mut files)?;
    canary::write(out, &world, &plan)?;
    Ok(Made { world, plan, files, first })
}

/// Makes the folders, refusing to mix with what is there.
fn make_room(out: &Path) -> Result<(), SynthError> {
    std::fs::create_dir_all(out).map_err(SynthError::write(out))?;
    let mut inside = std::fs::read_dir(out).map_err(SynthError::write(out))?;
    if inside.next().is_some() {
        return Err(SynthError::NotEmpty { path: out.to_owned() });
    }
    for phase in 1..=4 {
        let folder = out.join("feed").join(write::phase_folder(phase));
        std::fs::create_dir_all(&folder).map_err(SynthError::write(&folder))?;
    }
    Ok(())
}

fn facilities(out: &Path, world: &World) -> Result<(), SynthError> {
    let mut text = "hospcode,hcode9,name_th,name_en,kind,province,district,region\n".to_owned();
    for facility in &world.facilities {
        text.push_str(&facility.csv());
        text.push('\n');
    }
    let path = out.join("facilities.csv");
    std::fs::write(&path, text).map_err(SynthError::write(&path))
}

fn clinical(
    feed: &Path,
    world: &World,
    plan: &Plan,
    phase: u8,
    files: &mut Vec<FeedFile>,
) -> Result<(), SynthError> {
    for zip in plan.zips.iter().filter(|it| it.phase == phase) {
        files.push(write::zip(feed, world, plan, zip)?);
    }
    Ok(())
}

/// Replays the feed in every order and saves what must follow. Gives the forward totals.
fn truths(
    options: &Options,
    world: &World,
    plan: &Plan,
    files: &[FeedFile],
) -> Result<Totals, SynthError> {
    let sites = sites(world);
    let sample = sample(options, world, plan);
    let mut forward = Totals::default();
    for order in Order::ALL {
        let ordered = order.apply(files);
        let mut oracle = replay(&sites, &ordered);
        let truth = Truth::of(&mut oracle, &sample, ordered.len());
        save(&truth, &options.out.join("truth").join(order.word()))?;
        if *order == Order::Forward {
            forward = truth.totals;
        }
    }
    Ok(forward)
}

/// What the oracle must know of the facilities.
pub fn sites(world: &World) -> Vec<Site> {
    let site = |it: &Facility| Site {
        hospcode: it.hospcode.clone(),
        district: it.district.clone(),
        region: it.region,
    };
    world.facilities.iter().map(site).collect()
}

/// People whose timeline is told: canaries, some with a doubtful or no identity, then any patient.
pub fn sample<'w>(options: &Options, world: &'w World, plan: &Plan) -> Vec<Owner<'w>> {
    let mut random = Random::of(world.seed, Stream::Sample, 0);
    let mut seen: Vec<u32> = plan.visits.iter().map(|it| it.registration).collect();
    seen.sort_unstable();
    seen.dedup();
    let wanted = options.timelines as usize;
    let mut ranked: Vec<(u64, Owner<'w>)> = seen
        .into_iter()
        .map(|it| {
            let registration = &world.people.registrations[it as usize];
            let person = world.person_of(it);
            let doubtful = registration.identity != Identity::Known && random.chance(3_000);
            let owner = match registration.identity {
                Identity::Never => Owner::Local(registration.facility, &registration.pid),
                _ => Owner::Citizen(person.cid),
            };
            let rank = if person.canary || doubtful { 0 } else { 1 + random.next() / 2 };
            (rank, owner)
        })
        .collect();
    ranked.sort_unstable();
    let mut owners: Vec<Owner<'w>> = Vec::new();
    for (_, owner) in ranked {
        if owners.len() == wanted {
            break;
        }
        if !owners.contains(&owner) {
            owners.push(owner);
        }
    }
    owners
}
