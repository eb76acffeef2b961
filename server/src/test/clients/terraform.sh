#!/usr/bin/env bash
# Terraform with the AWS provider: a bucket with tags and versioning, objects in it; apply, a plan without changes, change, destroy.
. "$(dirname "$0")/prelude.sh" "$@"
need terraform; need curl
unset TF_CLI_CONFIG_FILE TF_DATA_DIR TF_LOG
terraform version >version.log; head -1 version.log

# The provider: from a local mirror folder (TF_PLUGINS, or a folder named tf-plugins near the root), else from the registry.
PLUGINS=${TF_PLUGINS:-$(find / -maxdepth 3 -type d -name tf-plugins -not -path '/proc/*' 2>/dev/null | head -1)}
if [ -n "$PLUGINS" ]; then
  cat >"$HOME/terraformrc" <<RC
provider_installation {
  filesystem_mirror {
    path = "$PLUGINS"
  }
}
RC
  export TF_CLI_CONFIG_FILE=$HOME/terraformrc
fi
export TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1

mkdir infrastructure; cd infrastructure
bytes 100000 payload.bin
cat >main.tf <<TF
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "team" { default = "ice" }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "$ACCESS"
  secret_key                  = "$SECRET"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
  max_retries                 = 2
  endpoints { s3 = "$ENDPOINT" }
}

resource "aws_s3_bucket" "it" {
  bucket        = "$BUCKET"
  force_destroy = true # the change below leaves older versions behind
  tags          = { team = var.team, purpose = "test & trial" }
}

resource "aws_s3_bucket_versioning" "it" {
  bucket = aws_s3_bucket.it.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_object" "inline" {
  bucket       = aws_s3_bucket_versioning.it.bucket
  key          = "folder/inline.json"
  content      = jsonencode({ team = var.team })
  content_type = "application/json"
  metadata     = { made-by = "terraform" }
  tags         = { kind = "inline" }
}

resource "aws_s3_object" "file" {
  bucket = aws_s3_bucket_versioning.it.bucket
  key    = "payload with blanks.bin"
  source = "\${path.module}/payload.bin"
  etag   = filemd5("\${path.module}/payload.bin")
}

data "aws_s3_object" "inline" {
  bucket     = aws_s3_bucket.it.bucket
  key        = aws_s3_object.inline.key
  depends_on = [aws_s3_object.inline]
}

output "inline" { value = data.aws_s3_object.inline.body }
output "version" { value = aws_s3_object.inline.version_id }
TF

tf() { terraform "$@" -no-color; }

step init
if ! tf init >init.log 2>&1; then
  if [ -z "$PLUGINS" ]; then echo "$NAME: no AWS provider to be had here (set TF_PLUGINS to a mirror folder)"; exit 77; fi
  fail "$(cat init.log)"
fi
grep -o 'hashicorp/aws v[0-9.]*' init.log | head -1

step apply
tf apply -auto-approve >apply.log 2>&1 || fail "$(tail -40 apply.log)"
same_text '{"team":"ice"}' "$(terraform output -raw inline)"
first=$(terraform output -raw version)
signed --fail -o down "$ENDPOINT/$BUCKET/payload%20with%20blanks.bin"
same payload.bin down

step a plan shows no changes
tf plan -detailed-exitcode >plan.log 2>&1 || fail "the plan is not empty: $(cat plan.log)"

step change, apply, plan
bytes 5000 payload.bin
tf apply -auto-approve -var team=snow >apply.log 2>&1 || fail "$(tail -40 apply.log)"
same_text '{"team":"snow"}' "$(terraform output -raw inline)"
[ "$first" != "$(terraform output -raw version)" ] || fail "the changed object has the same version id"
tf plan -detailed-exitcode -var team=snow >plan.log 2>&1 || fail "the plan is not empty: $(cat plan.log)"

step destroy
tf destroy -auto-approve -var team=snow >destroy.log 2>&1 || fail "$(tail -40 destroy.log)"
same_text 404 "$(signed -o /dev/null -w '%{http_code}' -I "$ENDPOINT/$BUCKET")"
echo "$NAME: all well"
