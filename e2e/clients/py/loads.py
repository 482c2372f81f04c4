"""What boto3, or the AWS CLI, makes of pairs of configuration files.

On standard input is a JSON list of cases, on standard output an object by the
case's name: for each profile that is known its region, and its access key id
where the case asks for credentials. A file that is not read at all is null. Of
the AWS CLI only the last four characters of the key are known.

    python3 loads.py boto3|cli
"""

import contextlib
import io
import json
import os
import sys

import boto3
from awscli.clidriver import create_clidriver
from botocore.exceptions import BotoCoreError


def boto(case, profile):
    session = boto3.Session(profile_name=profile)
    found = {"region": session.region_name or ""}
    if case["Fetch"]:
        try:
            found["key"] = session.get_credentials().get_frozen_credentials().access_key
        except Exception as error:
            found["key"] = repr(error)
    return found


def cli(case, profile):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        create_clidriver().main(["configure", "list", "--profile", profile])
    rows = {}
    for line in out.getvalue().splitlines():
        words = [w for w in line.replace(":", " ").split()]
        if len(words) > 1:
            rows[words[0]] = words[1:]
    found = {"region": rows.get("region", ["<not", "set>"])[0].replace("<not", "")}
    if case["Fetch"]:
        key = rows.get("access_key") or [err.getvalue()]
        found["key"] = key[0].strip("*") if "custom-process" in key else repr(key)
    return found


def read(case, one):
    os.environ["AWS_CONFIG_FILE"] = case["Config"]
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = case["Credentials"]
    try:
        known = boto3.Session().available_profiles
    except BotoCoreError:
        return None
    return {p: one(case, p) for p in case["Profiles"] if p in known and (case["Fetch"] or one is boto)}


one = {"boto3": boto, "cli": cli}[sys.argv[1]]
json.dump({case["Name"]: read(case, one) for case in json.load(sys.stdin)}, sys.stdout)
