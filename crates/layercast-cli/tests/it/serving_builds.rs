//! `layercast serve --build`: who may build, what a page may ask for, what becomes of a build.

use crate::world::companion::{Companion, Home};
use crate::world::http;
use crate::world::lab::Lab;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue, ORIGIN};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const CALLS: [(Method, &str); 4] = [
    (Method::GET, "/build/"),
    (Method::GET, "/build/events"),
    (Method::POST, "/build/start"),
    (Method::POST, "/build/cancel"),
];

/// A user's folders with a build context among them.
fn home() -> Home {
    let home = Home::new();
    std::fs::create_dir(home.path().join("context")).expect("the folder is ours");
    std::fs::write(home.path().join("context/Dockerfile"), "FROM scratch\n").expect("the folder is ours");
    home
}

fn serve(home: &Home, more: &[&str]) -> Companion {
    let context = home.path().join("context");
    home.serve(
        &[&["--offline", "--build", context.to_str().expect("a path in a test is text")], more].concat(),
    )
}

impl Companion {
    fn call(&self, method: &Method, path: &str) -> RequestBuilder {
        let request = http().request(method.clone(), format!("{}{path}", self.origin));
        request.header(CONTENT_TYPE, "application/json").body("{\"dockerfile\": \"FROM scratch\"}")
    }

    fn allowed(&self, method: &Method, path: &str) -> RequestBuilder {
        self.call(method, path).header(AUTHORIZATION, format!("Bearer {}", self.token))
    }

    async fn order(&self, order: &Value) -> (u16, Value) {
        let request = self.allowed(&Method::POST, "/build/start").body(order.to_string());
        let response = request.send().await.expect("the companion answers");
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.expect("a body")).expect("JSON"))
    }
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.expect("the companion answers").status().as_u16()
}

#[tokio::test]
async fn every_call_wants_the_token() {
    let home = home();
    let companion = serve(&home, &[]);
    assert_eq!(companion.token.len(), 64);
    let wrong = "0".repeat(64);
    for (method, path) in &CALLS {
        assert_eq!(status(companion.call(method, path)).await, 401, "{path}");
        for shown in [format!("Bearer {wrong}"), "Bearer ".to_owned(), companion.token.clone()] {
            assert_eq!(
                status(companion.call(method, path).header(AUTHORIZATION, shown)).await,
                401,
                "{path}"
            );
        }
        let in_the_address = format!("{path}?token={}", companion.token);
        assert_eq!(status(companion.call(method, &in_the_address)).await, 401, "{path}");
    }
    assert_eq!(status(companion.allowed(&Method::GET, "/build/")).await, 200);
    assert_eq!(status(companion.call(&Method::GET, "/build/other")).await, 401);
    assert_eq!(status(companion.allowed(&Method::GET, "/build/other")).await, 404);
    let other = serve(&home, &[]);
    assert_ne!(companion.token, other.token);
}

#[tokio::test]
async fn foreign_pages_and_names_are_refused_even_with_the_token() {
    let home = home();
    let companion = serve(&home, &[]);
    let port = companion.origin.rsplit(':').next().expect("a port").to_owned();
    let site = HeaderName::from_static("sec-fetch-site");
    let foreign = [
        (HOST, format!("rebound.example.org:{port}"), 421),
        (ORIGIN, "https://example.org".to_owned(), 403),
        (ORIGIN, "null".to_owned(), 403),
        (ORIGIN, "http://127.0.0.1:1".to_owned(), 403),
        (site.clone(), "cross-site".to_owned(), 403),
        (site.clone(), "same-site".to_owned(), 403),
    ];
    for (method, path) in &CALLS {
        for (name, value, expected) in &foreign {
            let value = HeaderValue::from_str(value).expect("a header in a test");
            let request = companion.allowed(method, path).header(name, value);
            assert_eq!(status(request).await, *expected, "{path} {name}");
        }
    }
    let own = companion.allowed(&Method::GET, "/build/").header(ORIGIN, &companion.origin);
    assert_eq!(status(own.header(site, "same-origin")).await, 200);
}

#[tokio::test]
async fn what_is_no_order_is_refused_with_its_reason() {
    let home = home();
    let companion = serve(&home, &[]);
    let start = || companion.allowed(&Method::POST, "/build/start");
    assert_eq!(status(companion.allowed(&Method::GET, "/build/start")).await, 405);
    assert_eq!(status(companion.allowed(&Method::PUT, "/build/start")).await, 405);
    assert_eq!(status(start().body(vec![b' '; (1 << 20) + 1])).await, 413);
    let form = http().post(format!("{}/build/start", companion.origin));
    let form = form.header(AUTHORIZATION, format!("Bearer {}", companion.token));
    assert_eq!(status(form.header(CONTENT_TYPE, "text/plain").body("{}")).await, 415);
    for (more, named) in [
        (json!({"context": "/"}), "unknown field `context`"),
        (json!({"file": "/etc/passwd"}), "unknown field `file`"),
        (json!({"output": "type=local,dest=/"}), "unknown field `output`"),
        (json!({"flags": ["--push"]}), "unknown field `flags`"),
        (json!({"args": {"--output=/": ""}}), "names neither a stage nor an argument"),
        (json!({"platform": "--push"}), "is no platform"),
    ] {
        let mut order = json!({"dockerfile": "FROM scratch"});
        order.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let (status, said) = companion.order(&order).await;
        assert_eq!(status, 400, "{said}");
        assert!(said["message"].as_str().is_some_and(|message| message.contains(named)), "{said}");
    }
    assert_eq!(status(companion.allowed(&Method::POST, "/build/cancel")).await, 409);
}

#[tokio::test]
async fn without_the_flag_nothing_is_offered() {
    let home = Home::new();
    let companion = home.serve(&[]);
    assert_eq!(companion.token, "");
    assert_eq!(companion.get("/build/").await.status(), 404);
    assert_eq!(http().post(format!("{}/build/start", companion.origin)).send().await.unwrap().status(), 405);
    let marks = companion.get("/").await.headers()["server-timing"].to_str().unwrap().to_owned();
    assert_eq!(marks, "layercast-relay");
}

#[tokio::test]
async fn other_machines_are_let_in_by_name_and_then_there_is_no_relay() {
    let home = home();
    let mut unsaid = home.command(&["serve", "--port", "0", "--listen", "0.0.0.0"]);
    let output = unsaid.stderr(Stdio::piped()).output().expect("the companion starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("other machines reach it") && said.contains("TLS or a proxy"), "{said}");

    let companion = serve(&home, &["--allow-remote", "--host", "builds.example.org"]);
    let named = |request: RequestBuilder| request.header(HOST, "builds.example.org");
    assert_eq!(status(named(companion.call(&Method::GET, "/build/"))).await, 401);
    let page = named(companion.allowed(&Method::GET, "/build/")).header(ORIGIN, "https://builds.example.org");
    assert_eq!(status(page).await, 200);
    assert_eq!(companion.get("/relay/").await.status(), 404);
}

#[tokio::test]
async fn a_page_hears_why_nothing_can_be_built() {
    let home = home();
    // Nothing but the folder of this test is on the path, so there is no docker.
    let context = home.path().join("context").to_string_lossy().into_owned();
    let args = ["serve", "--port", "0", "--offline", "--build", &context];
    let mut command = home.command(&args);
    command.env("PATH", home.path()).env("DOCKER_HOST", "unix:///nowhere.sock");
    let companion = Companion::start(&mut command);
    assert_eq!(companion.order(&json!({"dockerfile": "FROM scratch\nCOPY a b\n"})).await.0, 202);
    let end = end_of(&companion).await;
    assert_eq!(end["state"], "failed");
    let message = end["message"].as_str().expect("a reason");
    assert!(message.starts_with("failed to reach Docker at unix:///nowhere.sock"), "{message}");
    assert!(end["hint"].as_str().is_some_and(|hint| hint.contains("start Docker")), "{end}");
}

/// A build to its end: the last thing that is said of it, with every step as it stands then.
async fn end_of(companion: &Companion) -> Value {
    let mut response =
        companion.allowed(&Method::GET, "/build/events").send().await.expect("the companion answers");
    let (mut text, mut steps) = (String::new(), Vec::<Value>::new());
    let limit = Instant::now() + Duration::from_secs(120);
    loop {
        let chunk = tokio::time::timeout_at(limit.into(), response.chunk()).await.expect("the build ends");
        let chunk = chunk.expect("the companion goes on").expect("the companion goes on");
        text.push_str(&String::from_utf8_lossy(&chunk));
        while let Some((event, rest)) = text.split_once("\n\n") {
            let news: Value = event
                .strip_prefix("data: ")
                .map_or(Value::Null, |json| serde_json::from_str(json).expect("an event is JSON"));
            text = rest.to_owned();
            for step in news["steps"].as_array().into_iter().flatten() {
                let at = usize::try_from(step["at"].as_u64().expect("a place")).expect("a small number");
                steps.resize(steps.len().max(at + 1), Value::Null);
                steps[at] = step.clone();
            }
            if !matches!(news["state"].as_str(), None | Some("running" | "weighing")) {
                return json!({
                    "state": news["state"], "message": news["message"], "hint": news["hint"],
                    "sizes": news["sizes"], "facts": news["facts"], "steps": steps,
                });
            }
        }
    }
}

#[tokio::test]
async fn a_build_goes_on_without_a_page_and_is_found_again() {
    let Some(lab) = Lab::of("a_build_goes_on_without_a_page") else { return };
    let home = home();
    std::fs::write(home.path().join("context/taken"), "12345").expect("the folder is ours");
    let companion = Companion::start(&mut lab.serve(&home));
    let dockerfile = "FROM busybox AS a\nARG SECONDS_OF_SLEEP\nRUN echo said && sleep $SECONDS_OF_SLEEP && seq 1 9 > /n\n\
                      FROM scratch\nCOPY --from=a /n /n\nCOPY taken /\n";
    let unique = format!("1.{}", std::process::id());
    let order = json!({"dockerfile": dockerfile, "args": {"SECONDS_OF_SLEEP": unique}});
    assert_eq!(companion.order(&order).await.0, 202);
    let (status, said) = companion.order(&order).await;
    assert_eq!(status, 409);
    assert!(said["message"].as_str().is_some_and(|it| it.contains("stage-1 is still being built")), "{said}");
    let end = end_of(&companion).await;
    assert_eq!(end["state"], "done", "{end}");
    let step = |line: u64| {
        let steps = end["steps"].as_array().expect("steps");
        steps.iter().find(|step| step["line"] == line).expect("a step of that line").clone()
    };
    assert_eq!((&step(3)["state"], &step(3)["stage"]), (&"done".into(), &0.into()));
    assert!(step(3)["seconds"].as_f64().is_some_and(|seconds| seconds > 0.9), "{end}");
    assert_eq!(step(6)["sizes"]["unpacked"]["real"], 5);
    assert_eq!(step(6)["sizes"]["unpacked"]["estimated"], json!([5, 5, 5]));
    assert_eq!(end["sizes"]["unpacked"]["real"], 5 + 18);
    // What was measured comes along, for the page's own figures.
    let facts: Value = serde_json::from_str(end["facts"].as_str().expect("a facts file")).expect("is JSON");
    assert!(facts["measured"].as_array().is_some_and(|measured| {
        measured.iter().any(|step| step["instruction"] == "COPY taken /" && step["unpacked"] == 5)
    }));
    // Who comes now hears it all at once; the output was kept.
    let again = end_of(&companion).await;
    assert_eq!(again["steps"].as_array().map(Vec::len), end["steps"].as_array().map(Vec::len));
    assert!(again["steps"].to_string().contains(r#""lines":["said"]"#), "{again}");
}

#[tokio::test]
async fn a_failing_step_and_a_file_that_is_none_say_why() {
    let Some(lab) = Lab::of("a_failing_step_and_a_file_that_is_none") else { return };
    let home = home();
    let companion = Companion::start(&mut lab.serve(&home));
    companion.order(&json!({"dockerfile": "FROM busybox\nRUN true\nRUN echo before; exit 3\n"})).await;
    let end = end_of(&companion).await;
    assert_eq!(end["state"], "failed", "{end}");
    let failed: Vec<&Value> =
        end["steps"].as_array().into_iter().flatten().filter(|step| step["state"] == "failed").collect();
    assert_eq!((failed.len(), &failed[0]["line"]), (1, &3.into()));
    assert!(failed[0]["error"].as_str().is_some_and(|error| error.contains("exit code: 3")), "{end}");
    companion.order(&json!({"dockerfile": "FROM busybox\nRUNN true\n"})).await;
    let end = end_of(&companion).await;
    assert!(end["message"].as_str().is_some_and(|it| it.contains("unknown instruction: RUNN")), "{end}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_cancelled_build_and_that_of_a_companion_that_ends_leave_nothing_running() {
    let Some(lab) = Lab::of("a_cancelled_build_leaves_nothing_running") else { return };
    let home = home();
    let sleeps = |seconds: &str| {
        let all = Command::new("ps").args(["-eo", "args"]).output().expect("ps starts");
        let all = String::from_utf8_lossy(&all.stdout).into_owned();
        all.lines().filter(|line| line.ends_with(&format!("sleep {seconds}"))).count()
    };
    let until = async |what: &str, holds: &dyn Fn() -> bool| {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < Duration::from_secs(60), "{what}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let companion = Companion::start(&mut lab.serve(&home));
    let file =
        |seconds: &str| json!({"dockerfile": format!("FROM busybox\nRUN echo begun && sleep {seconds}\n")});
    companion.order(&file("4243")).await;
    until("the step begins", &|| sleeps("4243") > 0).await;
    assert_eq!(status(companion.allowed(&Method::POST, "/build/cancel")).await, 200);
    assert_eq!(end_of(&companion).await["state"], "cancelled");
    until("the step ends", &|| sleeps("4243") == 0).await;

    companion.order(&file("4246")).await;
    until("the step begins", &|| sleeps("4246") > 0).await;
    let killed = Command::new("kill").args(["-s", "KILL", &companion.id().to_string()]).status();
    assert!(killed.expect("kill starts").success());
    until("the step ends", &|| sleeps("4246") == 0).await;

    let mut companion = Companion::start(&mut lab.serve(&home));
    companion.order(&file("4244")).await;
    until("the step begins", &|| sleeps("4244") > 0).await;
    let killed = Command::new("kill").args(["-s", "INT", &companion.id().to_string()]).status();
    assert!(killed.expect("kill starts").success());
    assert!(companion.wait().success());
    until("the step ends", &|| sleeps("4244") == 0).await;
}
