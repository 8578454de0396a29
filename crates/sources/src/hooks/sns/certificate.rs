//! The certificate that signs messages, and the signatures.

use crate::hooks::HookError;
use model::Timestamp;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters,
    UnparsedPublicKey,
};
use x509_cert::der::DecodePem;
use x509_cert::time::Time;

/// A certificate that is valid now.
///
/// It is believed for where it came from: the address was checked, and the connection's own
/// certificate proved the host. Its chain is not walked, since SNS sends the one certificate alone.
pub(super) struct Certificate {
    key: Vec<u8>,
}

impl Certificate {
    /// Reads the first certificate of a PEM text and checks its dates.
    pub(super) fn read(pem: &[u8], now: Timestamp) -> Result<Self, HookError> {
        let certificate = x509_cert::Certificate::from_pem(pem).map_err(|e| {
            HookError::malformed(
                "the signing certificate",
                format!("an X.509 certificate in PEM, found {e}"),
            )
        })?;
        let body = certificate.tbs_certificate();
        let validity = body.validity();
        let (from, until) = (instant(validity.not_before), instant(validity.not_after));
        if now < from || until < now {
            return Err(HookError::Refused(format!(
                "the signing certificate is valid from {from} to {until}, and now it is {now}"
            )));
        }
        let key = body.subject_public_key_info().subject_public_key.as_bytes();
        Ok(Self {
            key: key.unwrap_or_default().to_vec(),
        })
    }

    /// Verifies a signature of version 1 (SHA-1) or 2 (SHA-256), RSA in both.
    pub(super) fn verify(
        &self,
        version: &str,
        text: &[u8],
        signature: &[u8],
    ) -> Result<(), HookError> {
        let algorithm: &'static RsaParameters = match version {
            // The topic's setting; SHA-1 is what SNS signs with unless it is told otherwise.
            "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            "2" => &RSA_PKCS1_2048_8192_SHA256,
            other => {
                let found: String = other.chars().take(20).collect();
                let expected = format!("1 or 2, found '{found}'");
                return Err(HookError::malformed("SignatureVersion", expected));
            }
        };
        UnparsedPublicKey::new(algorithm, &self.key)
            .verify(text, signature)
            .map_err(|_| HookError::Refused("the signature is not that of the message".into()))
    }
}

fn instant(time: Time) -> Timestamp {
    let seconds = time.to_unix_duration().as_secs();
    Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(Timestamp::MAX.seconds()))
}
