"""An AWS that enforces IAM, on loopback, with the people and roles of the story.

Alice may use EC2 and assume two roles; S3Reader trusts her and may use S3,
Auditor trusts somebody else. Carol may do the same and change her own keys; Dave
may nothing. Once they exist every call is checked: signature,
session token, policy and trust.

Prints one line of JSON, then serves until its standard input ends.
"""

import json
import sys
import urllib.request

import boto3
from moto.server import ThreadedMotoServer


def statement(action, resource="*"):
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def trust(principal):
    return policy({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})


server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"

iam = boto3.client(
    "iam",
    endpoint_url=url,
    region_name="us-east-1",
    aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
    aws_secret_access_key="example",
)
alice = iam.create_user(UserName="alice")["User"]["Arn"]
key = iam.create_access_key(UserName="alice")["AccessKey"]
carol = iam.create_user(UserName="carol")["User"]["Arn"]
carol_key = iam.create_access_key(UserName="carol")["AccessKey"]
iam.create_user(UserName="dave")
dave_key = iam.create_access_key(UserName="dave")["AccessKey"]
reader, sibling, auditor = (
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(principal))["Role"]["Arn"]
    for name, principal in (
        ("S3Reader", [alice, carol]),
        ("S3Sibling", alice),
        ("Auditor", alice.replace("alice", "bob")),
    )
)
for role in ("S3Reader", "S3Sibling", "Auditor"):
    iam.put_role_policy(RoleName=role, PolicyName="s3", PolicyDocument=policy(statement("s3:*")))
iam.put_user_policy(
    UserName="alice",
    PolicyName="ec2-and-roles",
    PolicyDocument=policy(statement("ec2:*"), statement("sts:AssumeRole")),
)
iam.put_user_policy(
    UserName="carol",
    PolicyName="ec2-roles-and-keys",
    PolicyDocument=policy(
        statement("ec2:*"),
        statement("sts:AssumeRole"),
        statement(
            [
                "iam:ListAccessKeys",
                "iam:CreateAccessKey",
                "iam:UpdateAccessKey",
                "iam:DeleteAccessKey",
                "iam:GetAccessKeyLastUsed",
            ]
        ),
    ),
)
# What INITIAL_NO_AUTH_ACTION_COUNT sets: from here on nothing passes unchecked.
enforce = urllib.request.Request(
    f"{url}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}, method="POST"
)
urllib.request.urlopen(enforce).close()

print(
    json.dumps(
        {
            "URL": url,
            "KeyID": key["AccessKeyId"],
            "Secret": key["SecretAccessKey"],
            "Carol": {"KeyID": carol_key["AccessKeyId"], "Secret": carol_key["SecretAccessKey"]},
            "Dave": {"KeyID": dave_key["AccessKeyId"], "Secret": dave_key["SecretAccessKey"]},
            "Reader": reader,
            "Sibling": sibling,
            "Auditor": auditor,
        }
    ),
    flush=True,
)
sys.stdin.read()
server.stop()
