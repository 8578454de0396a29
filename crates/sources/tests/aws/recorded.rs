//! Writing down which operations a client is asked for.

use aws_sdk_cloudwatch::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_cloudwatch::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_cloudwatch::error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// `EFS:DescribeFileSystems` and the like, of every client that has a clone of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<BTreeSet<String>>>);

impl Recorder {
    pub(crate) fn calls(&self) -> BTreeSet<String> {
        self.0.lock().expect("nobody panicked").clone()
    }
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let called = config.load::<Metadata>().expect("every call has its name");
        let call = format!("{}:{}", called.service(), called.name());
        self.0.lock().expect("nobody panicked").insert(call);
        Ok(())
    }
}
