"""What the tools themselves make of definitions of alarms. Reads one JSON object from standard input and prints one.

{"cloudwatch": [parameters of PutMetricAlarm]}  puts them to an AWS API server (moto) and reads them back
{"cloudformation": [templates as text]}         what cfn-lint has to say about each
{"terraform": [HCL as text]}                    what python-hcl2 reads in each
"""

import json
import pathlib
import subprocess
import sys
import tempfile


def cloudwatch(alarms):
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "cloudwatch",
        endpoint_url=f"http://{host}:{port}",
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    back = []
    for alarm in alarms:
        # The client checks names and types of all parameters against Amazon's description of the API.
        client.put_metric_alarm(**alarm)
        found = client.describe_alarms(AlarmNames=[alarm["AlarmName"]])["MetricAlarms"]
        assert len(found) == 1, found
        back.append({key: found[0].get(key) for key in alarm})
    server.stop()
    return back


def cloudformation(templates):
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / f"{n}.template.json" for n in range(len(templates))]
        for path, template in zip(paths, templates):
            path.write_text(template)
        lint = pathlib.Path(sys.executable).with_name("cfn-lint")
        done = subprocess.run(
            [lint, "--non-zero-exit-code", "informational", "--format", "parseable", *paths],
            capture_output=True,
            text=True,
        )
        # Its lines begin with the path; anything else is a failure of its own.
        lines = (done.stdout + done.stderr).splitlines()
        said = [[line for line in lines if line.startswith(str(path))] for path in paths]
        assert sum(map(len, said)) == len(lines), lines
        assert (done.returncode == 0) == (not lines), done
        return said


def terraform(texts):
    import hcl2

    return [hcl2.loads(text) for text in texts]


asked = json.load(sys.stdin)
checks = {"cloudwatch": cloudwatch, "cloudformation": cloudformation, "terraform": terraform}
json.dump({name: checks[name](value) for name, value in asked.items()}, sys.stdout)
