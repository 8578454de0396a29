#!/usr/bin/env bash
# Makes the messages of this folder again: a key, certificates of it, and messages as Amazon SNS sends
# them, signed. The key is thrown away, so that whatever is to differ has to be made all together.
# Needs openssl and python3.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

key() { openssl genrsa -out "$work/$1.key" 2048 2>/dev/null; }
# certificate NAME KEY FROM UNTIL
certificate() {
    openssl req -new -key "$work/$2.key" -subj /CN=sns.amazonaws.com -out "$work/$1.csr"
    mkdir -p "$work/ca"
    : >"$work/ca/index"
    echo 01 >"$work/ca/serial"
    printf '%s\n' '[ca]' 'default_ca=a' '[a]' "database=$work/ca/index" "serial=$work/ca/serial" \
        "new_certs_dir=$work/ca" 'policy=p' 'default_md=sha256' '[p]' 'commonName=supplied' >"$work/ca.cnf"
    openssl ca -batch -notext -config "$work/ca.cnf" -selfsign -keyfile "$work/$2.key" \
        -startdate "$3" -enddate "$4" -in "$work/$1.csr" -out "$1.pem" 2>/dev/null
}

key own
key other
certificate signing own 20200101000000Z 20300101000000Z
certificate expired own 20100101000000Z 20200501000000Z
certificate other other 20200101000000Z 20300101000000Z
python3 - "$work/own.key" <<'PY'
import base64, json, subprocess, sys

ARN = "arn:aws:sns:eu-central-1:123456789012:alarms"
HOST = "https://sns.eu-central-1.amazonaws.com"
FIELDS = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]


def alarm(state, old, at):
    return json.dumps({
        "AlarmName": "efs-credits", "AlarmDescription": "Burst credits run out", "AWSAccountId": "123456789012",
        "NewStateValue": state, "NewStateReason": "Threshold Crossed: 1 datapoint", "StateChangeTime": at,
        "Region": "EU (Frankfurt)", "AlarmArn": "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:efs-credits",
        "OldStateValue": old,
        "Trigger": {"MetricName": "BurstCreditBalance", "Namespace": "AWS/EFS", "Statistic": "AVERAGE",
                    "Dimensions": [{"value": "fs-0123456789abcdef0", "name": "FileSystemId"}],
                    "Period": 60, "Threshold": 1.0}})


def write(name, kind, version, message, at, **more):
    body = {"Type": kind, "MessageId": f"00000000-0000-0000-0000-{name.encode().hex()[:12]:0>12}", "TopicArn": ARN,
            "Message": message, "Timestamp": at, "SignatureVersion": version, **more,
            "SigningCertURL": f"{HOST}/SimpleNotificationService-0123456789abcdef.pem"}
    text = "".join(f"{field}\n{body[field]}\n" for field in FIELDS if field in body)
    digest = {"1": "-sha1", "2": "-sha256"}[version]
    made = subprocess.run(["openssl", "dgst", digest, "-sign", sys.argv[1]], input=text.encode(),
                          stdout=subprocess.PIPE, check=True)
    body["Signature"] = base64.b64encode(made.stdout).decode()
    with open(f"{name}.json", "w") as file:
        json.dump(body, file, indent=2)
        file.write("\n")


NOTE = f"{HOST}/?Action=Unsubscribe&SubscriptionArn={ARN}:1"
for version in "12":
    write(f"subscription-v{version}", "SubscriptionConfirmation", version,
          "You have chosen to subscribe to the topic.\nTo confirm, visit the SubscribeURL.",
          "2020-05-22T02:59:00.000Z", Token="2336412f37fb", SubscribeURL=f"{HOST}/?Action=ConfirmSubscription&TopicArn={ARN}&Token=2336412f37fb")
    write(f"alarm-v{version}", "Notification", version, alarm("ALARM", "OK", "2020-05-22T03:00:00.123+0000"),
          "2020-05-22T03:00:01.000Z", Subject="ALARM: \"efs-credits\" in EU (Frankfurt)", UnsubscribeURL=NOTE)
    write(f"ok-v{version}", "Notification", version, alarm("OK", "ALARM", "2020-05-22T03:20:00.456+0000"),
          "2020-05-22T03:20:01.000Z", Subject="OK: \"efs-credits\" in EU (Frankfurt)", UnsubscribeURL=NOTE)
write("elsewhere", "SubscriptionConfirmation", "2", "Signed, but to be confirmed elsewhere.",
      "2020-05-22T02:59:00.000Z", Token="2336412f37fb", SubscribeURL="https://evil.example/?Action=ConfirmSubscription")
write("chat", "Notification", "2", "hello", "2020-05-22T03:00:01.000Z", UnsubscribeURL=NOTE)
PY
