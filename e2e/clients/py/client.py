"""boto3 as a program would use it: default session, one call, the outcome on
one line. "ok", or the service's error code after "denied"; an exception when
neither was had.

    python3 client.py ec2|s3
"""

import sys

import boto3
from botocore.exceptions import ClientError

CALLS = {
    "ec2": lambda: boto3.client("ec2").describe_instances(),
    "s3": lambda: boto3.client("s3").list_buckets(),
}

try:
    CALLS[sys.argv[1]]()
    print("ok")
except ClientError as error:
    print("denied", error.response["Error"]["Code"])
