//! What is written for Kubernetes, and whether what it expands arrives as the table says.

use std::time::Duration;

use proptest::prelude::{Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::emit::sample::{formation, process, shop};
use crate::emit::{App, Exported, Platform, Refusal, export};
use crate::formation::{
    ConfigItem, ExtraPort, Formation, Health, Port, Restart, StopSignal, Template,
};

fn exported(formation: &Formation) -> Exported {
    export(Platform::Kubernetes, &shop(formation)).unwrap()
}

fn refused(formation: &Formation) -> Vec<String> {
    let refusals = export(Platform::Kubernetes, &shop(formation)).unwrap_err();
    refusals.iter().map(ToString::to_string).collect()
}

/// One of the files, without its header.
fn text(exported: &Exported, name: &str) -> String {
    let path = format!("{name}.yaml");
    let file = exported.files.iter().find(|file| *file.path == *path);
    let file = file.unwrap_or_else(|| panic!("no {name} among {:?}", exported.files));
    let (header, text) = file.text.split_once('\n').unwrap();
    assert!(header.starts_with("# Emitted by `cargo formation export kubernetes`"), "{header}");
    text.to_owned()
}

fn object(exported: &Exported, name: &str) -> Value {
    serde_saphyr::from_str(&text(exported, name)).unwrap()
}

fn item(name: &str) -> ConfigItem {
    ConfigItem {
        name: name.to_owned(),
        required: false,
        secret: false,
        default: None,
        description: None,
    }
}

/// A formation with everything that Kubernetes has a word for, or none.
fn full() -> Formation {
    let mut shop = formation(&[
        "web: --listen [::]:$PORT",
        "background_worker",
        "clock",
        "nightly",
        "release: --yes",
    ]);
    shop.processes[0].quantity = 2;
    shop.processes[0].extra_ports =
        vec![ExtraPort { name: "admin".parse().unwrap(), port: Port::Exact(9000) }];
    shop.processes[0].health = Some(Health {
        path: "/healthz".into(),
        startup: Duration::from_secs(30),
        interval: Duration::from_millis(2500),
        timeout: Duration::from_secs(2),
    });
    shop.processes[1].quantity = 3;
    shop.processes[1].resources.memory = Some(600 * 1024 * 1024);
    shop.processes[1].resources.cpu = Some(1500);
    shop.processes[1].stop.signal = StopSignal::Int;
    shop.processes[1].stop.timeout = Some(Duration::from_mins(10));
    shop.processes[1].restart = Restart::Never;
    shop.processes[1].env = vec![("URL".into(), Template::parse("$DATABASE_URL?x=$$1").unwrap())];
    shop.processes[2].singleton = true;
    shop.processes[2].dir = Some("ui".into());
    shop.processes[3].schedule = Some("0 3 * * mon-fri".into());
    shop.settings.config = vec![
        ConfigItem { secret: true, required: true, ..item("DATABASE_URL") },
        ConfigItem { default: Some("info".into()), ..item("RUST_LOG") },
    ];
    shop.settings.image = Some("registry.example.com/shop".into());
    shop
}

#[test]
fn a_type_is_a_deployment() {
    let text = text(&exported(&full()), "deployment-web");
    let (workload, _) = text.split_once("      containers:\n").unwrap();
    assert_data_eq!(
        workload,
        str![[r#"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-web
  labels:
    app.kubernetes.io/name: shop
    app.kubernetes.io/component: web
    app.kubernetes.io/managed-by: cargo-formation
spec:
  replicas: 2
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: shop
      app.kubernetes.io/component: web
  template:
    metadata:
      labels:
        app.kubernetes.io/name: shop
        app.kubernetes.io/component: web
      annotations:
        formation/config: "2b877b79185fc9ce"
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 35

"#]]
    );
}

#[test]
fn its_container_has_no_rights_and_says_when_it_is_well() {
    let text = text(&exported(&full()), "deployment-web");
    let (_, container) = text.split_once("      containers:\n").unwrap();
    assert_data_eq!(
        container,
        str![[r#"
        - name: web
          image: registry.example.com/shop
          command:
            - web
          args:
            - "--listen"
            - "[::]:$(PORT)"
          env:
            - name: FORMATION_PROCESS
              value: web
            - name: PORT
              value: "8080"
            - name: PORT_ADMIN
              value: "9000"
            - name: FORMATION_WEB_URL
              value: "http://shop-web:8080"
          envFrom:
            - configMapRef:
                name: shop.config
            - secretRef:
                name: shop.secrets
                optional: false
          ports:
            - name: http
              containerPort: 8080
            - name: port-9000
              containerPort: 9000
          startupProbe:
            httpGet:
              path: /healthz
              port: http
            periodSeconds: 3
            timeoutSeconds: 2
            failureThreshold: 10
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
            periodSeconds: 3
            timeoutSeconds: 2
            failureThreshold: 3
          lifecycle:
            preStop:
              sleep:
                seconds: 5
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            capabilities:
              drop:
                - ALL
            seccompProfile:
              type: RuntimeDefault
          volumeMounts:
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: tmp
          emptyDir: {}

"#]]
    );
}

#[test]
fn a_type_with_a_port_is_a_service() {
    assert_data_eq!(
        text(&exported(&full()), "service-web"),
        str![[r#"
apiVersion: v1
kind: Service
metadata:
  name: shop-web
  labels:
    app.kubernetes.io/name: shop
    app.kubernetes.io/component: web
    app.kubernetes.io/managed-by: cargo-formation
spec:
  selector:
    app.kubernetes.io/name: shop
    app.kubernetes.io/component: web
  ports:
    - name: http
      port: 8080
      targetPort: http
    - name: port-9000
      port: 9000
      targetPort: port-9000

"#]]
    );
}

#[test]
fn what_belongs_to_all_is_said_once() {
    let exported = exported(&full());
    assert_data_eq!(
        text(&exported, "kustomization"),
        str![[r#"
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - configmap.yaml
  - deployment-web.yaml
  - service-web.yaml
  - deployment-background-worker.yaml
  - deployment-clock.yaml
  - cronjob-nightly.yaml
  - job-release.yaml

"#]]
    );
    assert_data_eq!(
        text(&exported, "configmap"),
        str![[r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop.config
  labels:
    app.kubernetes.io/name: shop
    app.kubernetes.io/managed-by: cargo-formation
    formation/stage: release
data:
  RUST_LOG: info

"#]]
    );
    let said = exported.warnings.iter().map(|warning| format!("warning: {warning}\n"));
    let said = said.chain(exported.unsaid.iter().map(|unsaid| format!("unsaid: {unsaid}\n")));
    assert_data_eq!(
        said.collect::<String>(),
        str![[r#"
warning: `clock` starts in `ui`, and the image has the binaries and no directory `ui`; say `include = ["ui"]` in `platform.dockerfile`
warning: `background_worker` is called `background-worker` on Kubernetes, which has no such name
warning: `background_worker` is asked to stop with `SIGTERM`: Kubernetes cannot say another signal for it
warning: `background_worker` is started again when it ends: Kubernetes knows nothing else
unsaid: what is secret, or has no default: `kubectl create secret generic shop.secrets --from-env-file .env.production`
unsaid: that `release` runs again, as a job that is there does not: `kubectl delete job/shop-release --ignore-not-found`
unsaid: that `release` runs before the others: `kubectl apply --kustomize deploy/kubernetes --selector formation/stage=release`
unsaid: that it has succeeded: `kubectl wait --for condition=complete --timeout 900s job/shop-release`
unsaid: how the rest comes to the cluster: `kubectl apply --kustomize deploy/kubernetes`

"#]]
    );
}

#[test]
fn what_runs_once_or_by_the_clock_is_a_job() {
    let exported = exported(&full());
    assert_data_eq!(
        text(&exported, "job-release"),
        str![[r#"
apiVersion: batch/v1
kind: Job
metadata:
  name: shop-release
  labels:
    app.kubernetes.io/name: shop
    app.kubernetes.io/component: release
    app.kubernetes.io/managed-by: cargo-formation
    formation/stage: release
spec:
  backoffLimit: 0
  template:
    metadata:
      labels:
        app.kubernetes.io/name: shop
        app.kubernetes.io/component: release
      annotations:
        formation/config: "2b877b79185fc9ce"
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30
      restartPolicy: Never
      containers:
        - name: release
          image: registry.example.com/shop
          command:
            - release
          args:
            - "--yes"
          env:
            - name: FORMATION_PROCESS
              value: release
            - name: FORMATION_WEB_URL
              value: "http://shop-web:8080"
          envFrom:
            - configMapRef:
                name: shop.config
            - secretRef:
                name: shop.secrets
                optional: false
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            capabilities:
              drop:
                - ALL
            seccompProfile:
              type: RuntimeDefault
          volumeMounts:
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: tmp
          emptyDir: {}

"#]]
    );
    let nightly = object(&exported, "cronjob-nightly");
    assert_eq!(nightly["spec"]["schedule"], "0 3 * * mon-fri");
    assert_eq!(nightly["spec"]["timeZone"], "Etc/UTC");
    let job = &nightly["spec"]["jobTemplate"]["spec"];
    assert_eq!(job["template"]["spec"]["restartPolicy"], "Never");
}

#[test]
fn a_type_is_treated_as_the_table_says() {
    let exported = exported(&full());
    let worker = object(&exported, "deployment-background-worker");
    assert_eq!(worker["spec"]["replicas"], 3);
    assert_eq!(worker["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"], 0);
    let pod = &worker["spec"]["template"]["spec"];
    assert_eq!(pod["terminationGracePeriodSeconds"], 600);
    let container = &pod["containers"][0];
    assert_eq!(container["resources"]["requests"]["cpu"], "1500m");
    assert_eq!(container["resources"]["limits"]["memory"], "600Mi");
    assert_eq!(container["env"][2]["value"], "$(DATABASE_URL)?x=$$1");
    assert_eq!(container.get("lifecycle"), None);
    let clock = object(&exported, "deployment-clock");
    assert_eq!(clock["spec"]["strategy"]["type"], "Recreate");
    assert_eq!(clock["spec"]["replicas"], 1);
    assert_eq!(clock["spec"]["template"]["spec"]["containers"][0]["workingDir"], "/app/ui");
}

#[test]
fn another_default_is_another_pod() {
    let mut shop = full();
    let annotation = |shop: &Formation| {
        let worker = object(&exported(shop), "deployment-clock");
        worker["spec"]["template"]["metadata"]["annotations"]["formation/config"].clone()
    };
    let before = annotation(&shop);
    assert_eq!(annotation(&shop), before);
    shop.settings.config[1].default = Some("debug".into());
    assert_ne!(annotation(&shop), before);
}

#[test]
fn a_secret_that_is_required_has_to_be_there() {
    let optional = |config: Vec<ConfigItem>| {
        let mut formation = formation(&["worker"]);
        formation.settings.config = config;
        let worker = object(&exported(&formation), "deployment-worker");
        let sources = worker["spec"]["template"]["spec"]["containers"][0]["envFrom"].clone();
        sources.as_array().unwrap().last().unwrap()["secretRef"]["optional"].clone()
    };
    assert_eq!(optional(vec![ConfigItem { required: true, ..item("A") }]), false);
    assert_eq!(optional(vec![item("A")]), true);
    let with_default = ConfigItem { required: true, default: Some("x".into()), ..item("A") };
    assert_eq!(optional(vec![with_default]), true);
}

#[test]
fn what_kubernetes_does_not_take_is_refused_with_the_reason() {
    let platform = Platform::Kubernetes;
    let empty = Formation::default();
    assert_eq!(export(platform, &shop(&empty)), Err(vec![Refusal::Empty { platform }]));
    let worker = formation(&["worker"]);
    let named = |package| export(platform, &App { formation: &worker, package, place: None });
    assert_eq!(named(None), Err(vec![Refusal::NoApp { platform }]));
    let said = |package| named(Some(package)).unwrap_err()[0].to_string();
    assert!(said("Shop").contains("it starts with a lower-case letter"));
    assert!(said("shop_").contains("it is also a label, which ends with a letter or a digit"));
    assert!(said("a___b").contains("it is the image's name"));
    let exported = named(Some("my_shop")).unwrap();
    assert_eq!(object(&exported, "deployment-worker")["metadata"]["name"], "my-shop-worker");

    let long = "a".repeat(59);
    let mut shop = formation(&[&long, "web-", "nightly: $DATABASE_URL"]);
    shop.processes[2].schedule = Some("0 0 L * *".into());
    assert_data_eq!(
        refused(&shop).join("\n"),
        str![[r#"
`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` would be called `shop-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`, which Kubernetes refuses: it has 64 characters, and 63 are allowed; give it another name, or the app another `app`
`web-` would be called `shop-web-`, which Kubernetes refuses: it has to end in a letter or a digit; give it another name, or the app another `app`
"#]]
    );
    shop.processes.drain(..2);
    shop.processes[0].args.push(Template::literal("\0"));
    assert_data_eq!(
        refused(&shop).join("\n"),
        str![
            "`nightly` runs at `0 0 L * *`, which Kubernetes has no words for: `L`, which is the end of a month"
        ]
    );
    shop.processes[0].args.clear();
    assert_data_eq!(
        refused(&shop).join("\n"),
        str![
            "`nightly` runs at `0 0 L * *`, which Kubernetes has no words for: `L`, which is the end of a month"
        ]
    );
    shop.processes[0].schedule = Some("0 0 * * *".into());
    shop.processes[0].dir = Some("a\u{9f}b".into());
    shop.settings.config = vec![ConfigItem { default: Some("\u{85}".into()), ..item("TEXT") }];
    assert_data_eq!(
        refused(&shop).join("\n"),
        str![[r#"
the default of `TEXT` is `/u{85}`, which Kubernetes cannot say: kubectl takes no control characters from U+007F to U+009F, no U+FFFE and no U+FFFF
`nightly` has `/app/a/u{9f}b`, which Kubernetes cannot say: kubectl takes no control characters from U+007F to U+009F, no U+FFFE and no U+FFFF
"#]]
    );
    shop.settings.config.clear();
    shop.processes[0].dir = None;
    shop.processes[0] = crate::formation::ProcessType {
        name: "a".repeat(48).parse().unwrap(),
        ..shop.processes[0].clone()
    };
    assert!(refused(&shop)[0].contains("it has 53 characters, and 52 are allowed"));
}

#[test]
fn the_longest_name_that_fits_is_taken() {
    let long = "a".repeat(58);
    let exported = exported(&formation(&[&long]));
    let name = object(&exported, &format!("deployment-{long}"))["metadata"]["name"].clone();
    assert_eq!(name.as_str().map(str::len), Some(63));
}

/// A text as Kubernetes expands it: `k8s.io/kubernetes/third_party/forked/golang/expansion`.
/// What has no value stays.
fn expanded(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        result.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        let reference = rest.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        if let Some(after) = rest.strip_prefix('$') {
            result.push('$');
            rest = after;
        } else if let Some((name, after)) = reference {
            result.push_str(&value(name).unwrap_or_else(|| format!("$({name})")));
            rest = after;
        } else {
            result.push('$');
        }
    }
    result + rest
}

#[test]
fn the_expansion_is_that_of_kubernetes() {
    let value = |name: &str| (name == "A").then(|| "1".to_owned());
    for (text, expected) in
        [("$(A)", "1"), ("$$(A)", "$(A)"), ("$$$(A)", "$1"), ("$(B)$A$", "$(B)$A$"), ("$(A", "$(A")]
    {
        assert_eq!(expanded(text, value), expected, "{text}");
    }
}

/// Texts of any characters, more often of those that no YAML has as they are.
fn hostile() -> impl Strategy<Value = String> {
    let odd = vec![
        "\0",
        "\u{1}",
        "\r",
        "\n",
        "\u{7f}",
        "\u{80}",
        "\u{85}",
        "\u{9f}",
        "\u{2028}",
        "\u{feff}",
        "\u{fdd0}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{1fffe}",
        "$",
        "$(A)",
        "\"",
        "\\",
        "'",
        " ",
        "#",
    ];
    let piece = prop_oneof![4 => any::<String>(), 1 => select(odd).prop_map(str::to_owned)];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// By way of the text of the file, a reader of YAML, and the expansion of Kubernetes.
    #[test]
    fn every_argument_and_variable_arrives_as_it_is(
        args in proptest::collection::vec(hostile(), 0..5),
        value in hostile(),
    ) {
        let is_lost = |c| matches!(c, '\0' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
        let is_refused = args.iter().chain([&value]).any(|text| text.contains(is_lost));
        let mut formation = Formation { processes: vec![process("web")], ..Formation::default() };
        let web = &mut formation.processes[0];
        web.port = Port::Assigned;
        web.args = args.iter().map(|arg| Template::literal(arg)).collect();
        web.args.push(Template::parse("$PORT").unwrap());
        web.env = vec![("A".into(), Template::literal(&value))];
        formation.settings.config = vec![ConfigItem { default: Some(value.clone()), ..item("B") }];
        match export(Platform::Kubernetes, &shop(&formation)) {
            Err(refusals) => assert!(is_refused, "{refusals:?}"),
            Ok(exported) => {
                assert!(!is_refused);
                let web = object(&exported, "deployment-web");
                let container = &web["spec"]["template"]["spec"]["containers"][0];
                let env = container["env"].as_array().unwrap();
                let get = |name: &str| {
                    let entry = env.iter().find(|entry| entry["name"] == name)?;
                    Some(expanded(entry["value"].as_str().unwrap(), |_| None))
                };
                let found = container["args"].as_array().unwrap().iter();
                let found: Vec<String> =
                    found.map(|arg| expanded(arg.as_str().unwrap(), get)).collect();
                prop_assert_eq!(&found[..args.len()], &args[..]);
                prop_assert_eq!(&found[args.len()], "8080");
                prop_assert_eq!(get("A"), Some(value.clone()));
                prop_assert_eq!(&object(&exported, "configmap")["data"]["B"], &value);
            }
        }
    }
}
