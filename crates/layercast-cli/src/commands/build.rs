//! `layercast build`: a real build by BuildKit, and what it really weighs beside the estimate.

mod keeping;
mod telling;

pub(crate) use keeping::steps as measured_steps;

use crate::answers::{Cache, Registry, RegistryArgs};
use crate::builder::{
    BuildError, Builder, Built, Request, Run, Settings, Step, Steps, Truth, Via, measured_on,
};
use crate::commands::{Outcome, calibrate, estimate};
use crate::context::ContextArgs;
use crate::error::CliError;
use crate::options::{AskedArgs, Format};
use crate::output::{self, ColorArg};
use crate::render;
use crate::render::build::{Row, Sizes};
use crate::source::{self, Source};
use clap::Args;
use layercast_core::estimate::Estimate;
use layercast_core::image_ref::Platform;
use layercast_core::report::Layer;
use layercast_core::{Facts, Report, structure};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::convert::Infallible;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use telling::{ProgressArg, TICK, Telling};
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

/// Flags of `layercast build`.
#[derive(Debug, Args)]
#[command(about = "Build with BuildKit, and see what each step really weighs beside its estimate")]
#[command(long_about = "Build with BuildKit, and see what each step really weighs beside its estimate.\n\n\
                  The builder is the one that `docker buildx build` would use, or the one that --builder \
                  names; it gets the flags as they are. On a terminal the stages and the steps that run \
                  are drawn; elsewhere each line of output has the line of the Dockerfile beside it. In \
                  the end each step of the image stands there with its time, its estimate, what it really \
                  weighs, and by how much the estimate errs.")]
#[command(
    after_help = "Exit status: 0 built, 1 a step failed (its command's own exit code is told), 2 nothing \
                  was built for another reason, such as wrong usage, no builder, or an interrupt."
)]
pub(crate) struct BuildArgs {
    /// The build context, a folder
    #[arg(value_name = "CONTEXT")]
    context: PathBuf,
    /// The Dockerfile, where it is not the one in the context
    #[arg(long, short, value_name = "FILE", help_heading = DOCKER)]
    file: Option<PathBuf>,
    /// Name the image, such as app:1.0
    #[arg(long, short, value_name = "NAME", help_heading = DOCKER)]
    tag: Vec<String>,
    /// Make a file or another kind of result, such as type=local,dest=out
    #[arg(long, short, value_name = "HOW", help_heading = DOCKER)]
    output: Vec<String>,
    /// Hand over a secret, such as id=token,env=TOKEN
    #[arg(long, value_name = "SECRET", help_heading = DOCKER)]
    secret: Vec<String>,
    /// Hand over SSH keys or an agent
    #[arg(long, value_name = "KEYS", help_heading = DOCKER)]
    ssh: Vec<String>,
    /// Do every step anew
    #[arg(long, help_heading = DOCKER)]
    no_cache: bool,
    /// Push the image to its registry
    #[arg(long, help_heading = DOCKER)]
    push: bool,
    /// Build there; `docker buildx ls` lists the builders
    #[arg(long, value_name = "NAME", help_heading = DOCKER)]
    builder: Option<String>,
    /// The way to BuildKit, where it is not to be chosen: the buildx plugin, or Docker's API
    #[arg(long, value_enum, value_name = "WAY")]
    via: Option<Via>,
    /// The network of RUN: default, none or host
    #[arg(long, value_name = "MODE", help_heading = DOCKER)]
    network: Option<String>,
    #[command(flatten)]
    asked: AskedArgs,
    /// Text for people, or JSON: one object a line for each event
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", hide_possible_values = true)]
    #[arg(help = "text for people, or json: one object a line for each event")]
    format: Format,
    /// How to tell of the build while it runs
    #[arg(long, value_enum, default_value_t, value_name = "HOW", hide_possible_values = true)]
    #[arg(help = "auto: drawn where standard error is a terminal; plain: line by line")]
    progress: ProgressArg,
    #[command(flatten)]
    registries: RegistryArgs,
    /// Write what each step really weighs to FILE, for `--facts` of later estimates
    #[arg(long, value_name = "FILE")]
    save_facts: Option<PathBuf>,
    /// Then propose corrections from all that FILE holds, as `layercast calibrate` does
    #[arg(long, requires = "save_facts")]
    calibrate: bool,
}

const DOCKER: &str = "As docker build has them";

pub(crate) fn run(args: &BuildArgs, color: ColorArg) -> Result<Outcome, CliError> {
    let context = ContextArgs::at(args.context.clone());
    context.check()?;
    let file = args.file.clone().unwrap_or_else(|| args.context.join("Dockerfile"));
    let source = Arc::new(source::read(&file)?);
    let mut facts = args.asked.facts()?;
    if !args.asked.names_facts() {
        estimate::take_beside(&file, &mut facts)?;
    }
    let platforms = platforms(args, &facts);
    let given = facts.build.dockerignore.take();
    facts.build.dockerignore =
        context.ignore_file(&file, given.as_deref())?.map(|ignore_file| ignore_file.text);
    let plan = |platform: &Platform| {
        facts.build.platform = Some(platform.clone());
        (platform.clone(), structure(&source.text, &facts))
    };
    let plans: Vec<(Platform, Report)> = platforms.iter().map(plan).collect();
    let estimate = estimated(Arc::clone(&source), context, facts, platforms, args.registries.clone());
    let mut out: Box<dyn Write> = match args.format {
        Format::Text => Box::new(output::text(color)),
        Format::Json => Box::new(output::json()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(build(args, color, &mut out, &source, &plans, estimate));
    // Who was interrupted does not wait for what is still being read.
    runtime.shutdown_background();
    outcome
}

/// What is built for: as asked, else as the environment has it, else this machine's own platform, as builders do where
/// nobody says.
fn platforms(args: &BuildArgs, facts: &Facts) -> Vec<Platform> {
    let usual = || Platform::parse(&Settings::default_platform()?).ok();
    let own = || Platform::parse(&format!("linux/{}", std::env::consts::ARCH)).ok();
    match args.asked.platforms() {
        [] => {
            let platform = facts.build.platform.clone().or_else(usual).or_else(own);
            vec![platform.unwrap_or_else(Platform::linux_amd64)]
        }
        asked => asked.to_vec(),
    }
}

/// Reports that do not know of the build, one a platform, with what they stand on; each time better than before:
/// without registries, then with them.
type Estimated = mpsc::UnboundedReceiver<Result<Vec<(Report, Facts)>, CliError>>;

/// Begins with the estimate, beside the build.
fn estimated(
    source: Arc<Source>,
    context: ContextArgs,
    facts: Facts,
    platforms: Vec<Platform>,
    registries: RegistryArgs,
) -> Estimated {
    let (done, estimate) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let reports = |mut facts: Facts, registries: &RegistryArgs| {
            facts.context = context.listing()?.or(facts.context);
            let on = |platform: &Platform| {
                facts.build.platform = Some(platform.clone());
                let report = estimate::report_on(&source, &mut facts, &context, registries)?;
                Ok((report, facts.clone()))
            };
            platforms.iter().map(on).collect()
        };
        // A build that is over waits for no registry.
        if !registries.offline {
            let alone = RegistryArgs { offline: true, ..registries.clone() };
            let _ = done.send(reports(facts.clone(), &alone));
        }
        let _ = done.send(reports(facts, &registries));
    });
    estimate
}

/// The best estimate there is when the build is over: it waits for no registry.
async fn best(mut estimate: Estimated) -> Result<Vec<(Report, Facts)>, CliError> {
    let mut reports = estimate.recv().await.expect("an estimate does not panic");
    while let Ok(better) = estimate.try_recv() {
        reports = better;
    }
    reports
}

async fn build(
    args: &BuildArgs,
    color: ColorArg,
    out: &mut dyn Write,
    source: &Source,
    plans: &[(Platform, Report)],
    estimate: Estimated,
) -> Result<Outcome, CliError> {
    let (_, plan) = plans.first().expect("there is one platform at least");
    let cache = Cache::open(args.registries.cache_dir.clone())?;
    // Who pushes has that registry asked, and no other in its place.
    let own = RegistryArgs { offline: false, registry_mirror: Vec::new(), ..args.registries.clone() };
    let pushed_to = if args.push { Some(Registry::new(&own, None)?) } else { None };
    let mut run = Run::new(Steps::of(plan));
    let request = Request { tells_lines: run.steps.may_share(), ..request(args) };
    let stop = stopping();
    let builder = tokio::select! {
        builder = Builder::choose(&request, args.via) => builder?,
        () = is_stopped(stop.clone()) => return Err(BuildError::Interrupted.into()),
    };
    output::say(&format!("builder: {}", builder.describe(&request)));
    let telling = RefCell::new(Telling::new(out, args.format, args.progress, color, plan, &run.steps));
    let stop_build = async {
        is_stopped(stop.clone()).await;
        telling.borrow_mut().stop();
    };
    let build = builder.build(&request, stop_build, |event| {
        for news in run.take(event) {
            telling.borrow_mut().news(&news);
        }
    });
    let built = tokio::select! {
        built = build => built,
        never = ticking(&telling) => match never {},
    };
    let out = telling.into_inner().done()?;
    match built {
        Ok(built) => {
            run.steps.learn(&built.metadata);
            let weighed = async {
                let mut truths = Vec::new();
                for (platform, plan) in plans {
                    truths.push(
                        measured_on(&builder, &built, plan, platform, pushed_to.as_ref(), &cache).await,
                    );
                }
                (truths, best(estimate).await)
            };
            let (truths, estimates) = tokio::select! {
                (truths, estimates) = weighed => (truths, estimates?),
                () = is_stopped(stop) => return Err(BuildError::Interrupted.into()),
            };
            // One platform alone is not named.
            let platforms = plans.iter().map(|(platform, _)| Some(platform).filter(|_| plans.len() > 1));
            let truths = truths.iter().map(Option::as_deref);
            let ends = || platforms.clone().zip(&estimates).zip(truths.clone());
            for ((platform, (report, _)), truths) in ends() {
                finish(args.format, out, report, &mut run, &built, truths, platform)?;
            }
            if let Some(path) = &args.save_facts {
                let ends = ends().map(|((platform, (_, facts)), truths)| (platform, facts, truths));
                keeping::keep(path, &source.text, ends, &mut run)?;
                if args.calibrate && path.exists() {
                    calibrate::after_build(out, args.format, path)?;
                }
            }
            Ok(Outcome::Clean)
        }
        Err(error) => {
            // Where the builder is gone or stands in its own way, no instruction is to blame.
            let is_step = |step: &Step| matches!(error, BuildError::Builder { .. }) && step.place.is_some();
            let Some(step) = run.failed().filter(is_step) else { return Err(error.into()) };
            write_failure(args.format, out, source, plan, &step)?;
            out.flush()?;
            if let Some(hint) = error.hint() {
                output::note(hint);
            }
            Ok(Outcome::Findings)
        }
    }
}

fn write_failure(
    format: Format,
    mut out: &mut dyn Write,
    source: &Source,
    plan: &Report,
    step: &Step,
) -> std::io::Result<()> {
    if format == Format::Text {
        writeln!(out)?;
        return render::build::write_failure(&mut out, source, plan, step);
    }
    let line = step.place.map(|place| place.line);
    let event = json!({"event": "failed", "line": line, "step": step.name, "error": step.error});
    writeln!(out, "{event}")
}

fn request(args: &BuildArgs) -> Request {
    let mut flags = args.asked.docker_flags();
    let lists =
        [("--tag", &args.tag), ("--output", &args.output), ("--secret", &args.secret), ("--ssh", &args.ssh)];
    for (flag, values) in lists {
        flags.extend(values.iter().map(|value| (flag, value.clone())));
    }
    flags.extend(args.network.iter().map(|mode| ("--network", mode.clone())));
    let switches = [("--no-cache", args.no_cache), ("--push", args.push)];
    Request {
        context: args.context.to_string_lossy().into_owned(),
        file: args.file.clone(),
        flags,
        switches: switches.into_iter().filter_map(|(flag, is_on)| is_on.then_some(flag)).collect(),
        builder: args.builder.clone(),
        ..Request::default()
    }
}

/// Has the terminal drawn while the build runs.
async fn ticking(telling: &RefCell<Telling<'_>>) -> Infallible {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        telling.borrow_mut().tick();
    }
}

/// Becomes true when somebody wants the build stopped, at whatever moment.
fn stopping() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        stopped().await;
        let _ = sender.send(true);
    });
    receiver
}

async fn is_stopped(mut stop: watch::Receiver<bool>) {
    // The other end stays until it has said so.
    let _ = stop.wait_for(|is_stopped| *is_stopped).await;
}

/// Ends when somebody wants the build stopped: by Ctrl-C, by name, or by closing the terminal.
pub(super) async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let is_deaf = ignores_hangup();
        let signals = (signal(SignalKind::terminate()), signal(SignalKind::hangup()));
        if let (Ok(mut terminate), Ok(mut hangup)) = signals {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv(), if !is_deaf => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// Whether it was started by `nohup`: it is then to live on when its terminal is closed. Linux tells.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// The end of a build that went well.
fn finish(
    format: Format,
    mut out: &mut dyn Write,
    report: &Report,
    run: &mut Run,
    built: &Built,
    truths: Option<&[Truth]>,
    platform: Option<&Platform>,
) -> Result<(), CliError> {
    let rows = truths.into_iter().flatten().filter_map(|truth| row(report, run, truth, platform));
    let rows: Vec<Row<'_>> = rows.collect();
    match format {
        Format::Text if truths.is_none() => {
            let on = platform.map(|platform| format!(" for {platform}")).unwrap_or_default();
            let why = match built.destination() {
                Some(path) => {
                    format!(" into {path}; files alone do not tell of which step they are, so steps")
                }
                None => "; nobody here tells what is in its layers, so they".to_owned(),
            };
            writeln!(out, "\nbuilt{on}{why} cannot be weighed")?;
        }
        Format::Text => render::build::write_truth(&mut out, platform, &rows)?,
        Format::Json => {
            let steps: Vec<Value> = rows.iter().map(step_as_json).collect();
            let image = built.metadata["containerimage.digest"].as_str();
            writeln!(
                out,
                "{}",
                json!({"event": "built", "image": image, "platform": platform, "steps": truths.map(|_| steps)})
            )?;
        }
    }
    Ok(out.flush()?)
}

/// A step of the image. One that makes no layer is left out.
fn row<'a>(report: &'a Report, run: &mut Run, truth: &Truth, platform: Option<&Platform>) -> Option<Row<'a>> {
    let at = truth.place.instruction;
    let instruction = report.instructions.get(at)?;
    // FROM has the layers of the base, and those of what the base has run.
    let layers = || report.layers.iter().filter(|layer| layer.instruction == at);
    if layers().next().is_none() && truth.unpacked.unwrap_or(0) == 0 && truth.download.is_none() {
        return None;
    }
    let sizes = |size: fn(&Layer) -> Option<&Estimate>, real| {
        let all: Option<Vec<&Estimate>> = layers().map(size).collect();
        Sizes { estimate: all.filter(|all| !all.is_empty()).map(Estimate::sum), real }
    };
    Some(Row {
        line: truth.place.line,
        text: &instruction.text,
        step: run.step_on(at, platform),
        unpacked: sizes(|layer| layer.unpacked.as_ref(), truth.unpacked),
        download: sizes(|layer| layer.download.as_ref(), truth.download),
    })
}

fn step_as_json(row: &Row<'_>) -> Value {
    let step = row.step.as_ref();
    json!({
        "line": row.line,
        "instruction": row.text,
        "unpacked": {"estimated": row.unpacked.estimate, "real": row.unpacked.real},
        "download": {"estimated": row.download.estimate, "real": row.download.real},
        "seconds": step.and_then(|step| step.time).map(|time| time.as_seconds_f64()),
        "cached": step.map(|step| step.cached),
    })
}
