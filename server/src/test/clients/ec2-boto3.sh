#!/usr/bin/env bash
# boto3 against EC2, client and resource: runs ec2_boto3_client.py with a python that has it.
. "$(dirname "$0")/prelude.sh" "$@"
for python in python3 /usr/bin/python3; do
  if "$python" -c 'import boto3' 2>/dev/null; then
    step ec2_boto3_client.py
    "$python" "$(dirname "$SCRIPT")/ec2_boto3_client.py" "$ENDPOINT" "$ACCESS" "$SECRET" ${CA:+"$CA"}
    echo "$NAME: all well"
    exit 0
  fi
done
echo "$NAME: no python3 with boto3 on this machine"
exit 77
