"""Print what botocore reads in pairs of files, as ../gosdk does for Go.

On standard input is a JSON list of cases, on standard output an object of
readings by the case's name. A file that botocore does not read at all counts
as refused.
"""

import json
import sys

from botocore.exceptions import BotoCoreError
from botocore.session import Session

KEYS = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "credential_process",
    "endpoint_url",
    "external_id",
    "mfa_serial",
    "region",
    "role_session_name",
    "services",
]


def read(case):
    session = Session()
    session.set_config_variable("config_file", case["Config"])
    session.set_config_variable("credentials_file", case["Credentials"])
    try:
        full = session.full_config
    except BotoCoreError:
        return {"refuses": True}
    profiles = {
        name: {
            key: values[key]
            for key in KEYS
            if isinstance(values.get(key), str) and values[key] != ""
        }
        for name, values in full["profiles"].items()
    }
    services = {
        name: {
            service: block
            for service, block in values.items()
            if isinstance(block, dict)
        }
        for name, values in full.get("services", {}).items()
    }
    return {"profiles": profiles, "services": services}


json.dump({case["Name"]: read(case) for case in json.load(sys.stdin)}, sys.stdout)
