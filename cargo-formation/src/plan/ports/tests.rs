//! Who listens where, and who would collide.

use super::{check, of_instance, public_ports, service_ports};
use crate::formation::{BackingService, ExtraPort, Formation, Port, ProcessType};
use crate::plan::PlanError;
use crate::plan::sample::{formation, listening, process, service};

fn with_extra(mut process: ProcessType, extra: &[(&str, Port)]) -> ProcessType {
    let port = |&(name, port): &(&str, Port)| ExtraPort { name: name.parse().unwrap(), port };
    process.extra_ports = extra.iter().map(port).collect();
    process
}

fn with_service(mut formation: Formation, name: &str, port: Port) -> Formation {
    formation.settings.services.push(BackingService { port, ..service(name, &[name]) });
    formation
}

fn ports(process: &ProcessType, position: usize, number: u16) -> Vec<u16> {
    of_instance(process, position, number, 4000).all()
}

fn problems(formation: &Formation, counts: &[u16], base: u16) -> Vec<String> {
    let errors = check(formation, counts, base).err().unwrap_or_default();
    errors.iter().map(PlanError::to_string).collect()
}

#[test]
fn every_type_owns_a_hundred_ports_with_or_without_a_port() {
    let formation = formation([
        listening("web", Port::Assigned),
        process("worker"),
        listening("api", Port::Assigned),
        listening("admin", Port::Exact(9000)),
    ]);
    assert_eq!(public_ports(&formation, 4000), [Some(4000), None, Some(4200), Some(9000)]);
    assert_eq!(ports(&formation.processes[2], 2, 3), [4200], "all instances share one");
    assert_eq!(ports(&formation.processes[3], 3, 2), [9000]);
    assert_eq!(ports(&formation.processes[1], 1, 1), [0; 0]);
}

#[test]
fn extra_ports_lie_above_the_instances_own() {
    let extra = [("admin", Port::Assigned), ("debug", Port::Exact(7000)), ("rpc", Port::Assigned)];
    let web = with_extra(listening("web", Port::Exact(8080)), &extra);
    assert_eq!(ports(&web, 0, 1), [8080, 4010, 7000, 4030]);
    assert_eq!(ports(&web, 1, 2), [8080, 4111, 7001, 4131]);
}

#[test]
fn instances_are_of_no_moment_for_the_next_type() {
    let formation =
        formation([listening("web", Port::Assigned), listening("worker", Port::Assigned)]);
    assert_eq!(ports(&formation.processes[0], 0, 1_000), [4000]);
    assert_eq!(ports(&formation.processes[1], 1, 1), [4100]);
    assert_eq!(problems(&formation, &[1_000, 100], 4000), [""; 0]);
}

#[test]
fn the_eleventh_instance_meets_the_second_extra_port_of_the_first() {
    let extra = [("admin", Port::Assigned), ("debug", Port::Assigned)];
    let formation = formation([with_extra(listening("web", Port::Assigned), &extra)]);
    assert_eq!(problems(&formation, &[10], 4000), [""; 0]);
    assert_eq!(
        problems(&formation, &[12], 4000),
        ["`web.1` (its port `debug`) and `web.11` (its port `admin`) would both listen on port \
          4020; give one of them another `port`, or fewer instances"]
    );
}

#[test]
fn an_exact_port_in_somebodys_range_is_found_even_if_he_does_not_run() {
    let web = with_extra(listening("web", Port::Assigned), &[("debug", Port::Assigned)]);
    let formation = formation([web, listening("admin", Port::Exact(4011))]);
    assert_eq!(problems(&formation, &[1, 1], 4000), [""; 0]);
    assert_eq!(
        problems(&formation, &[2, 0], 4000),
        ["`web.2` (its port `debug`) and `admin` would both listen on port 4011; \
          give one of them another `port`, or fewer instances"]
    );
}

#[test]
fn backing_services_have_the_ranges_after_the_types() {
    let formation = formation([listening("web", Port::Assigned), process("worker")]);
    let formation = with_service(formation, "db", Port::Exact(5432));
    let formation = with_service(formation, "cache", Port::Assigned);
    assert_eq!(service_ports(&formation, 4000), [Some(5432), Some(4300)]);
    let clash = with_service(formation, "assets", Port::Exact(4000));
    assert_eq!(
        problems(&clash, &[1, 1], 4000),
        ["`web` and the backing service `assets` would both listen on port 4000; \
          give one of them another `port`, or fewer instances"]
    );
}

#[test]
fn a_port_above_the_last_is_refused() {
    let formation = formation([listening("web", Port::Assigned), listening("api", Port::Assigned)]);
    assert_eq!(problems(&formation, &[1, 1], 65435), [""; 0]);
    assert_eq!(
        problems(&formation, &[1, 3], 65436),
        ["`api` would listen on port 65536, and 65535 is the last; \
          start from a lower one with `--base-port`"]
    );
    assert_eq!(public_ports(&formation, 65436), [Some(65436), None]);
}
