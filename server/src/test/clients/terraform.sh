#!/usr/bin/env bash
# Terraform with the AWS provider: a bucket with tags and versioning, objects in it; apply, a plan without changes, change, destroy.
. "$(dirname "$0")/prelude.sh" "$@"
. "$(dirname "$SCRIPT")/terraform-prelude.sh"
need curl

mkdir infrastructure; cd infrastructure
bytes 100000 payload.bin
provider s3 >main.tf
cat >>main.tf <<TF
variable "team" { default = "ice" }

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

step init
init_provider

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
