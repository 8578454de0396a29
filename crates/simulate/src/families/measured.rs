//! What is measured in every incident: the services, the database, the nodes.

use super::{gauge::Gauge, stage::Stage};
use crate::random::Random;
use model::topology::{aws_id, k8s_id};

impl Stage {
    /// Records everything that is measured and that the family did not record itself.
    pub(super) fn measure(&mut self) {
        for k in 0..self.town.services.len() {
            self.gauges(k, false);
        }
        for k in 0..self.town.others.len() {
            self.gauges(k, true);
        }
        self.machines();
    }

    /// Gauges of a service: latency, requests and CPU; memory too where asked for.
    fn gauges(&mut self, k: usize, other: bool) {
        let services = if other {
            &self.town.others
        } else {
            &self.town.services
        };
        let service = services[k].clone();
        let resource = Some(self.town.resource(&service));
        let mut random = Random::new(self.seed(), &format!("levels {}", service.name));
        let gauge = |name, stat, unit, level, season, noise, places| Gauge {
            id: format!(
                "{}.{}",
                service.name,
                match name {
                    "latency_seconds" => "latency",
                    "requests_total" => "requests",
                    "errors_5xx" => "errors",
                    "cpu_usage" => "cpu",
                    other => other,
                }
            ),
            name,
            source: "prometheus",
            namespace: service.namespace.clone(),
            stat,
            unit,
            resource: resource.clone(),
            level,
            season,
            noise,
            places,
        };
        let level = random.between(0.05, 0.6);
        let noise = random.between(0.03, 0.1);
        let mut all = vec![gauge(
            "latency_seconds",
            "p95",
            "Seconds",
            level,
            0.2,
            noise,
            4,
        )];
        let level = random.between(200.0, 9000.0);
        let requests = gauge("requests_total", "Sum", "Count", level, 1.0, 0.06, 0);
        let level = random.between(0.2, 2.0);
        let cpu = gauge("cpu_usage", "Average", "Cores", level, 0.8, 0.08, 3);
        let level = random.between(2e8, 2e9);
        let memory = gauge("memory_bytes", "Average", "Bytes", level, 0.05, 0.01, 0);
        let level = random.between(5.0, 60.0);
        let errors = gauge("errors_5xx", "Sum", "Count", level, 0.7, 0.25, 0);
        if other {
            // Nobody measures how it feels; its queue says what it does.
            let level = random.between(10.0, 5000.0);
            let queue = gauge("queue_depth", "Average", "Count", level, 0.3, 0.1, 0);
            all = vec![queue, cpu];
        } else if k < 2 {
            all.extend([requests, cpu, errors]);
        } else {
            all.push(cpu);
        }
        if self.is_affected(&memory.id) || random.chance(0.3) {
            all.push(memory);
        }
        for gauge in all {
            self.record(&gauge);
        }
    }

    /// The database and the nodes.
    fn machines(&mut self) {
        let rds = |id: &str, name, level, season, noise, resource: &str| Gauge {
            id: id.to_owned(),
            name,
            source: "cloudwatch",
            namespace: "AWS/RDS".into(),
            stat: "Average",
            unit: "Count",
            resource: Some(aws_id(resource)),
            level,
            season,
            noise,
            places: 3,
        };
        let database = self.town.database.clone();
        self.record(&rds("db.cpu", "CPUUtilization", 28.0, 0.7, 0.07, &database));
        self.record(&rds(
            "db.connections",
            "DatabaseConnections",
            60.0,
            0.5,
            0.06,
            &database,
        ));
        self.record(&rds(
            "db.read_latency",
            "ReadLatency",
            2.0,
            0.3,
            0.1,
            &database,
        ));
        for node in self.town.nodes.clone().into_iter().take(3) {
            let gauge = Gauge {
                name: "node_cpu_utilization",
                source: "cloudwatch",
                namespace: "ContainerInsights".into(),
                unit: "Percent",
                resource: Some(k8s_id(&self.town.cluster, "", "Node", &node)),
                ..rds(&format!("node.{node}.cpu"), "", 40.0, 0.5, 0.08, "")
            };
            self.record(&gauge);
        }
    }
}
