"""boto3 as a long-running program: one session, one client, a call every half
second for the seconds given. Prints the access key id each time it changes; an
exception ends it.

    python3 renew.py SECONDS
"""

import sys
import time

import boto3
from botocore.config import Config

session = boto3.Session()
sts = session.client("sts", config=Config(retries={"total_max_attempts": 1}))
end = time.monotonic() + float(sys.argv[1])
last = None
while time.monotonic() < end:
    sts.get_caller_identity()
    # What that call was signed with; asking for it renews nothing that is fresh.
    key = session.get_credentials().get_frozen_credentials().access_key
    if key != last:
        print(key, flush=True)
        last = key
    time.sleep(0.5)
