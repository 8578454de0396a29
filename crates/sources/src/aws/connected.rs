//! What every source in Amazon Web Services is: settings, a client of one SDK, and what its error
//! messages say of the connection.

use super::account::{Account, Link, Service};
use super::client::{Connection, profile_file};
use aws_sdk_cloudwatch::config::retry::RetryConfig;
use aws_sdk_cloudwatch::config::timeout::TimeoutConfig;
use std::path::Path;

/// Settings of a source in AWS. `asks!` implements it.
pub trait Asks: Sized {
    /// The SDK's client of the service.
    type Client;

    #[doc(hidden)]
    fn service() -> Service;
    #[doc(hidden)]
    fn account(&self) -> Account<'_>;
    #[doc(hidden)]
    fn client(connection: &Connection) -> Self::Client;
    #[doc(hidden)]
    fn retries(client: &Self::Client) -> Option<&RetryConfig>;
    #[doc(hidden)]
    fn timeouts(client: &Self::Client) -> Option<&TimeoutConfig>;
}

/// Says which service settings ask, by which crate of the SDK. `in $region` where the service has but
/// one; else the settings have a field `region`.
macro_rules! asks {
    ($settings:ty, $sdk:ident, $service:expr) => {
        $crate::aws::asks!(@of $settings, $sdk, $service, { self, &self.region });
    };
    ($settings:ty, $sdk:ident, $service:expr, in $region:expr) => {
        $crate::aws::asks!(@of $settings, $sdk, $service, { self, $region });
    };
    (@of $settings:ty, $sdk:ident, $service:expr, { $this:ident, $region:expr }) => {
        impl $crate::aws::Asks for $settings {
            type Client = $sdk::Client;

            fn service() -> $crate::aws::Service {
                $service
            }

            fn account(&$this) -> $crate::aws::Account<'_> {
                $crate::aws::Account {
                    region: $region,
                    profile: $this.profile.as_deref(),
                    endpoint: $this.endpoint.as_deref(),
                    proxy: $this.proxy.as_deref(),
                }
            }

            fn client(connection: &$crate::aws::Connection) -> $sdk::Client {
                let mut builder = $sdk::config::Builder::from(&connection.shared);
                if let Some(endpoint) = connection.endpoint.clone() {
                    builder.set_endpoint_url(Some(endpoint));
                }
                $sdk::Client::from_conf(builder.build())
            }

            fn retries(
                client: &$sdk::Client,
            ) -> Option<&aws_sdk_cloudwatch::config::retry::RetryConfig> {
                client.config().retry_config()
            }

            fn timeouts(
                client: &$sdk::Client,
            ) -> Option<&aws_sdk_cloudwatch::config::timeout::TimeoutConfig> {
                client.config().timeout_config()
            }
        }
    };
}
pub(crate) use asks;

/// A connection to one service of AWS.
pub struct Connected<S: Asks> {
    pub(crate) config: S,
    pub(crate) link: Link,
    pub(crate) client: S::Client,
}

impl<S: Asks> Connected<S> {
    /// Prepares the connection. Asks nobody and cannot fail: what is wrong with the settings shows
    /// when the source is checked or pulled.
    pub async fn connect(config: S) -> Self {
        let connection = Box::pin(Connection::open(config.account(), None)).await;
        Self::on(config, &connection)
    }

    /// As [`Connected::connect`], with profiles from this AWS configuration file instead of the
    /// user's own.
    pub async fn connect_with_file(config: S, file: &Path) -> Self {
        let files = Some(profile_file(file));
        let connection = Box::pin(Connection::open(config.account(), files)).await;
        Self::on(config, &connection)
    }

    /// With a client of the caller's own, e.g. one with recorded answers.
    pub fn with_client(config: S, client: S::Client) -> Self {
        let region = config.account().region.to_owned();
        Self::assemble(config, Some(&region), client)
    }

    fn on(config: S, connection: &Connection) -> Self {
        let client = S::client(connection);
        Self::assemble(config, connection.region.as_deref(), client)
    }

    fn assemble(config: S, region: Option<&str>, client: S::Client) -> Self {
        let (retries, timeouts) = (S::retries(&client), S::timeouts(&client));
        let link = Link::new(S::service(), config.account(), region, retries, timeouts);
        Self {
            config,
            link,
            client,
        }
    }
}
