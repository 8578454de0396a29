"""An AWS API server for the tests: moto, made to speak and behave like today's CloudWatch.

    python server.py          prints "listening on http://127.0.0.1:PORT" and serves until standard
                              input closes, so that it ends with the test that started it

What moto 5.2 lacks is added here:

- Smithy RPC v2 CBOR, the only protocol of today's aws-sdk-cloudwatch. Requests are translated to
  the JSON protocol that moto speaks, answers back, both by botocore's model of the service.
- GetMetricData by an index instead of a scan for every sample; periods aligned to the epoch;
  MaxDatapoints, NextToken and the limit of 500 queries; the retention of each period.
- Faults on request, for what a healthy server does not do.

Control, JSON in and out, by POST:

    /_control/reset     forgets metrics, faults and counts
    /_control/series    {"namespace","name","dimensions":{},"start","period","values":[…],"unit"}:
                        one sample a period at once, a null is a gap
    /_control/log       {"group","stream","events":[{"timestamp": epoch milliseconds,"message"}…]}
    /_control/behave    {"page_cap": samples in one page,
                         "now": epoch seconds; samples past the retention of their period are gone,
                         "faults": [{"operation","times","status","code","message"}…],
                         "statuses": [{"metric","times","status","keep"}…]: the status of a metric's
                             results for so many answers, with the share `keep` of its samples}
    /_control/counts    how often each operation was called
"""

import base64
import collections
import datetime
import gzip
import io
import json
import os
import sys
import threading

import botocore.session
import cbor2
from moto.cloudwatch import models, responses
from moto.core.responses import ActionResult
from moto.efs.models import efs_backends
from moto.logs.models import logs_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

# moto's times are UTC without saying so.
EPOCH = datetime.datetime(1970, 1, 1)
SERVICE = "GraniteServiceVersion20100801"
MODEL = botocore.session.get_session().get_service_model("cloudwatch")
MAX_DATAPOINTS = 100_800
MAX_QUERIES = 500
DAY = 86_400
# Greatest age of samples of at least so many seconds.
RETENTION = [(3600, 455 * DAY), (300, 63 * DAY), (60, 15 * DAY), (1, 3 * 3600)]

LOCK = threading.Lock()
STATE = {}
COUNTS = collections.Counter()
INDEX = {}


def reset():
    STATE.clear()
    STATE.update(page_cap=None, now=None, faults=[], statuses=[])
    COUNTS.clear()
    INDEX.clear()
    for account in models.cloudwatch_backends.values():
        for backend in account.values():
            backend.metric_data.clear()
    for backends in (efs_backends, logs_backends):
        for account in backends.values():
            for backend in account.values():
                backend.reset()


# ---- Smithy RPC v2 CBOR ---------------------------------------------------------------------


def to_json(value):
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    if isinstance(value, cbor2.CBORTag):
        return value.value
    if hasattr(value, "items"):
        return {k: to_json(v) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [to_json(v) for v in value]
    return value


def to_cbor(shape, value):
    if value is None:
        return None
    kind = shape.type_name
    if kind == "structure":
        members = shape.members.items()
        return {k: to_cbor(m, value[k]) for k, m in members if value.get(k) is not None}
    if kind == "list":
        return [to_cbor(shape.member, v) for v in value]
    if kind == "map":
        return {k: to_cbor(shape.value, v) for k, v in value.items()}
    if kind == "timestamp":
        if isinstance(value, str):
            value = datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
        # Tag 1 of CBOR: seconds since the epoch.
        return cbor2.CBORTag(1, float(value))
    if kind in ("double", "float"):
        return float(value)
    if kind in ("integer", "long"):
        return int(value)
    return value


def take_fault(operation):
    with LOCK:
        for fault in STATE["faults"]:
            if fault["operation"] == operation and fault["times"] > 0:
                fault["times"] -= 1
                return fault
    return None


class Cbor:
    """WSGI middleware: CBOR outside, JSON inside; faults and control on the way."""

    def __init__(self, app):
        self.app = app

    def __call__(self, env, start):
        path = env.get("PATH_INFO", "")
        body = env["wsgi.input"].read(int(env.get("CONTENT_LENGTH") or 0))
        if path.startswith("/_control/"):
            answer = control(path.rsplit("/", 1)[1], json.loads(body or b"{}"))
            return reply(start, "200 OK", "application/json", json.dumps(answer).encode())
        if not path.startswith(f"/service/{SERVICE}/operation/"):
            operation = other_operation(env, path)
            with LOCK:
                COUNTS[operation] += 1
            fault = take_fault(operation)
            if fault:
                error = {"__type": fault["code"], "message": fault.get("message", "on request")}
                status = f"{fault['status']} Fault"
                kind = "application/x-amz-json-1.1"
                return reply(start, status, kind, json.dumps(error).encode(), fault["code"])
            return self.app(dict(env, **{"wsgi.input": io.BytesIO(body)}), start)
        operation = path.rsplit("/", 1)[1]
        with LOCK:
            COUNTS[operation] += 1
        fault = take_fault(operation)
        if fault:
            error = {"__type": fault["code"], "message": fault.get("message", "on request")}
            status = f"{fault['status']} Fault"
            return reply(start, status, "application/cbor", cbor2.dumps(error))
        if env.pop("HTTP_CONTENT_ENCODING", "") == "gzip":
            body = gzip.decompress(body)
        return self.translate(env, start, operation, body)

    def translate(self, env, start, operation, body):
        inner = json.dumps(to_json(cbor2.loads(body)) if body else {}).encode()
        env = dict(
            env,
            PATH_INFO="/",
            RAW_URI="/",
            REQUEST_URI="/",
            CONTENT_TYPE="application/x-amz-json-1.0",
            CONTENT_LENGTH=str(len(inner)),
            HTTP_X_AMZ_TARGET=f"{SERVICE}.{operation}",
        )
        env["wsgi.input"] = io.BytesIO(inner)
        for name in ("HTTP_SMITHY_PROTOCOL", "HTTP_ACCEPT", "HTTP_X_AMZN_QUERY_MODE"):
            env.pop(name, None)
        got = {}
        parts = self.app(env, lambda status, headers, exc=None: got.update(status=status))
        out = b"".join(parts)
        data = json.loads(out) if out else {}
        if got["status"].startswith("2"):
            shape = MODEL.operation_model(operation).output_shape
            data = to_cbor(shape, data) if shape is not None else {}
        return reply(start, got["status"], "application/cbor", cbor2.dumps(data))


def other_operation(env, path):
    """The operation of a service that speaks JSON: named in a header, or by path and method."""
    target = env.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return target.rsplit(".", 1)[1]
    kinds = {"file-systems": "FileSystems", "mount-targets": "MountTargets"}
    parts = [part for part in path.split("/") if part]
    verb = {"GET": "Describe", "POST": "Create"}.get(env.get("REQUEST_METHOD"), "")
    return verb + kinds.get(parts[1] if len(parts) > 1 else "", path)


def reply(start, status, kind, payload, code=None):
    headers = [("Content-Type", kind), ("Content-Length", str(len(payload)))]
    if code:
        headers.append(("x-amzn-errortype", code))
    if kind == "application/cbor":
        headers.append(("smithy-protocol", "rpc-v2-cbor"))
    start(status, headers)
    return [payload]


# ---- GetMetricData --------------------------------------------------------------------------


def key(namespace, name, dimensions):
    return namespace, name, tuple(sorted(dimensions))


def indexed(backend):
    """Samples by metric, brought up to date with what was put since the last call."""
    with LOCK:
        done, index = INDEX.get(id(backend), (0, {}))
        for datum in backend.metric_data[done:]:
            dimensions = [(d.name, d.value) for d in datum.dimensions]
            index.setdefault(key(datum.namespace, datum.name, dimensions), []).append(datum)
        INDEX[id(backend)] = (len(backend.metric_data), index)
        return index


def oldest(period):
    now = STATE["now"]
    kept = next(limit for least, limit in RETENTION if period >= least)
    return None if now is None else now - kept


def samples(rows, query, start, end):
    period, stat = int(query["Period"]), query["Stat"]
    buckets = {}
    for datum in rows:
        bucket = int((datum.timestamp - EPOCH).total_seconds()) // period * period
        if start <= bucket < end and (oldest(period) is None or bucket >= oldest(period)):
            buckets.setdefault(bucket, []).append(datum)
    out = []
    for bucket in sorted(buckets):
        at = EPOCH + datetime.timedelta(seconds=bucket)
        statistics = models.Statistics([stat], at)
        statistics.metric_data = buckets[bucket]
        out.append((at, statistics.get_statistics_for_type(stat)))
    return out


def take_status(metric):
    with LOCK:
        for rule in STATE["statuses"]:
            if rule["metric"] == metric and rule["times"] > 0:
                rule["times"] -= 1
                return rule
    return None


def get_metric_data(self, queries, start_time, end_time, scan_by="TimestampAscending"):
    start = (start_time - EPOCH).total_seconds()
    end = (end_time - EPOCH).total_seconds()
    index = indexed(self)
    out = []
    for query in queries:
        metric = query["MetricStat"]["Metric"]
        dimensions = [(d["Name"], d["Value"]) for d in metric.get("Dimensions", [])]
        rows = index.get(key(metric["Namespace"], metric["MetricName"], dimensions), [])
        got = samples(rows, query["MetricStat"], start, end)
        rule, status = take_status(metric["MetricName"]), "Complete"
        if rule:
            got, status = got[: int(len(got) * rule.get("keep", 0))], rule["status"]
        if scan_by == "TimestampDescending":
            got.reverse()
        out.append(
            {
                "id": query["Id"],
                "label": metric["MetricName"],
                "timestamps": [at for at, _ in got],
                "values": [value for _, value in got],
                "status_code": status,
            }
        )
    return out


def paged(self):
    params = self._get_params()
    if len(params.get("MetricDataQueries", [])) > MAX_QUERIES:
        raise responses.ValidationError("MetricDataQueries must not hold more than 500 queries.")
    cap = min(int(params.get("MaxDatapoints") or MAX_DATAPOINTS), MAX_DATAPOINTS)
    cap = min(cap, STATE["page_cap"] or cap)
    token = params.get("NextToken")
    skip = int(base64.b64decode(token)) if token else 0
    results = unpaged(self)._result["MetricDataResults"]
    out, seen, left = [], 0, cap
    for result in results:
        count = len(result["values"])
        first = max(0, skip - seen)
        last = min(count, first + left)
        seen += count
        if last > first or (count == 0 and not skip):
            part = dict(result, values=result["values"][first:last])
            part["timestamps"] = result["timestamps"][first:last]
            if last < count:
                part["status_code"] = "PartialData"
            out.append(part)
            left -= max(0, last - first)
    answer = {"MetricDataResults": out}
    if skip + cap < sum(len(r["values"]) for r in results):
        answer["NextToken"] = base64.b64encode(str(skip + cap).encode()).decode()
    return ActionResult(answer)


unpaged = responses.CloudWatchResponse.get_metric_data
models.CloudWatchBackend.get_metric_data = get_metric_data
responses.CloudWatchResponse.get_metric_data = paged


# ---- Control --------------------------------------------------------------------------------


def put_series(order):
    backend = models.cloudwatch_backends["123456789012"][order.get("region", "eu-central-1")]
    dimensions = [{"Name": k, "Value": v} for k, v in order["dimensions"].items()]
    for i, value in enumerate(order["values"]):
        if value is not None:
            at = EPOCH + datetime.timedelta(seconds=order["start"] + i * order["period"])
            datum = models.MetricDatum(
                order["namespace"], order["name"], value, dimensions, at, order.get("unit")
            )
            backend.metric_data.append(datum)


def put_log(order):
    # PutLogEvents takes what is at most two weeks old by the clock of the machine.
    backend = logs_backends["123456789012"][order.get("region", "eu-central-1")]
    group, stream = order["group"], order["stream"]
    if group not in backend.groups:
        backend.create_log_group(group, {})
    if stream not in backend.groups[group].streams:
        backend.create_log_stream(group, stream)
    backend.groups[group].put_log_events(stream, order["events"])


def control(what, order):
    if what == "reset":
        reset()
    elif what == "series":
        put_series(order)
    elif what == "log":
        put_log(order)
    elif what == "behave":
        unknown = set(order) - set(STATE)
        if unknown:
            raise ValueError(f"unknown behaviour: {sorted(unknown)}")
        STATE.update(order)
    elif what == "counts":
        return dict(COUNTS)
    else:
        raise ValueError(f"unknown control: {what}")
    return {}


def end_with_parent():
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    reset()
    application = Cbor(DomainDispatcherApplication(create_backend_app))
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler
    )
    threading.Thread(target=end_with_parent, daemon=True).start()
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
