//! .NET: what publish lays down, on the runtime without the SDK.

use super::Declined;
use super::call::{Call, base_name};
use super::draft::{Base, Draft};
use super::place::{self, Sources, Tools};
use super::single_stage::SingleStage;
use crate::graph::scope::join_path;

pub(super) fn draft<'s>(stage: &'s SingleStage<'s>) -> Result<Draft<'s>, Declined> {
    let folder = published(stage)?;
    let base = runtime(stage)?;
    let is_carried = |path: &str| place::lies_in(path, &folder);
    let source_roots: Vec<String> = stage
        .steps
        .iter()
        .filter(|step| step.calls.iter().any(|call| call.program == "dotnet"))
        .map(|step| step.scope.workdir.clone())
        .collect();
    let is_source =
        |_: &str, to: &str| source_roots.iter().any(|root| root != "/" && place::lies_in(to, root));
    let tools = Tools {
        is_build: &is_build,
        is_source: &is_source,
        is_carried: &is_carried,
        sources: Sources::StayBehind,
    };
    let distribution = super::base::distribution(stage);
    let places = place::places(stage, distribution.as_ref(), &tools)?;
    let mut draft = Draft::new(stage, base);
    for (at, step) in stage.steps.iter().enumerate() {
        draft.put(step, &places.places[at]);
        if at == places.last_build {
            draft.carry(
                step,
                &folder,
                &folder,
                "what publish laid down ships alone, under its old path, so that the command stays as it is",
            );
        }
    }
    if !draft.base_image().contains("/runtime:") {
        draft.need("Is it no web application? Then mcr.microsoft.com/dotnet/runtime is enough, and smaller");
    }
    draft.need("Does the program read files that are no part of what publish lays down? Copy them from the first stage too");
    place::say_needs(stage, &places, &mut draft);
    Ok(draft)
}

/// The folder that publish, or build, writes and that the command's program lies in.
fn published(stage: &SingleStage<'_>) -> Result<String, Declined> {
    let command = &stage.command;
    let program = match base_name(command.program()) {
        "dotnet" => command.words.iter().skip(1).find(|word| word.ends_with(".dll")).map(String::as_str),
        _ => Some(command.program()),
    };
    let Some(program) = program else {
        return Err(Declined::at(command.line, "which program `dotnet` runs is not plain"));
    };
    let program = join_path(&command.folder, program);
    let folder = program.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let calls = stage.steps.iter().flat_map(|step| &step.calls);
    let writes = |call: &Call| {
        let out = call.value(&["-o", "--output"]).map(|out| call.absolute(out));
        let is_out = |out: String| place::lies_in(folder, &out);
        match call.verb() {
            "publish" | "build" if call.program == "dotnet" => match out {
                Some(out) => is_out(out),
                None => folder.contains("/bin/"),
            },
            _ => false,
        }
    };
    match calls.into_iter().any(writes) && folder != "/" {
        true => Ok(folder.to_owned()),
        false => Err(Declined::at(
            command.line,
            format!("no line before writes `{program}`, which the image runs"),
        )
        .advice("Publish into a folder of its own, `dotnet publish -o /out`, and start the program there")),
    }
}

fn runtime(stage: &SingleStage<'_>) -> Result<Base, Declined> {
    let written = stage.from.base.text.as_str();
    if stage.base_name() != "sdk" || !stage.image.repository.starts_with("dotnet/") {
        return Err(Declined::at(stage.line(), "which runtime goes with this base is not known here"));
    }
    let project = stage.facts.context.iter().flat_map(|context| &context.files);
    let mut projects = project
        .filter(|file| file.path.ends_with(".csproj"))
        .filter_map(|file| file.text.as_deref())
        .peekable();
    let is_plain = projects.peek().is_some()
        && projects.all(|text| !text.contains("Sdk.Web") && !text.contains("AspNetCore"));
    let runtime = if is_plain { "runtime" } else { "aspnet" };
    let image = written.replacen("dotnet/sdk", &format!("dotnet/{runtime}"), 1);
    // A digest is of the SDK alone.
    let image = image.split('@').next().unwrap_or(&image).to_owned();
    let reason = match runtime {
        "aspnet" => "the runtime of the same version, with ASP.NET Core and without the SDK",
        _ => "the runtime of the same version, without the SDK",
    };
    Ok(Base { image, reason: reason.to_owned() })
}

fn is_build(call: &Call) -> bool {
    matches!(call.program.as_str(), "dotnet" | "nuget" | "msbuild" | "git" | "npm")
}

#[cfg(test)]
mod tests {
    use crate::rewrite::tests::{check, check_declined};
    use expect_test::expect;

    #[test]
    fn what_is_published_ships_on_the_runtime() {
        check(
            r#"FROM mcr.microsoft.com/dotnet/sdk:8.0
WORKDIR /src
COPY *.csproj ./
RUN dotnet restore
COPY . .
RUN dotnet publish -c Release -o /app
WORKDIR /app
ENV ASPNETCORE_URLS=http://+:8080
ENTRYPOINT ["dotnet", "Shop.dll"]
"#,
            expect![[r#"
                FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                WORKDIR /src
                COPY *.csproj ./
                RUN dotnet restore
                COPY . .
                RUN dotnet publish -c Release -o /app

                FROM mcr.microsoft.com/dotnet/aspnet:8.0
                    ^ 8: the runtime of the same version, with ASP.NET Core and without the SDK
                COPY --from=build /app /app
                    ^ 9: what publish laid down ships alone, under its old path, so that the command stays as it is
                WORKDIR /app
                ENV ASPNETCORE_URLS=http://+:8080
                ENTRYPOINT ["dotnet", "Shop.dll"]
                ? Is it no web application? Then mcr.microsoft.com/dotnet/runtime is enough, and smaller
                ? Does the program read files that are no part of what publish lays down? Copy them from the first stage too
                = 65 to 7 MB: unknown
            "#]],
        );
    }

    #[test]
    fn what_the_sdk_runs_keeps_the_sdk() {
        check_declined(
            "FROM mcr.microsoft.com/dotnet/sdk:8.0\nCOPY . .\nRUN dotnet restore\nCMD dotnet run",
            expect!["4: `dotnet run` builds when the image runs, so the tools have to ship with it"],
        );
        check_declined(
            "FROM mcr.microsoft.com/dotnet/sdk:8.0\nWORKDIR /a\nCOPY . .\nRUN dotnet restore\nCMD [\"dotnet\", \"A.dll\"]",
            expect![
                "5: no line before writes `/a/A.dll`, which the image runs (Publish into a folder of its own, `dotnet publish -o /out`, and start the program there)"
            ],
        );
    }
}
